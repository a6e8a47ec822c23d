import { Stack, Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { GivenUp } from "../../api/model";
import { formatBytes, formatCount } from "../../lib/format";
import { timeFormat } from "../../lib/time";
import { useIsNarrow } from "../../lib/useIsPhone";
import { SessionName } from "./SessionName";

const shownLines = 50;

/** What sessions lost, newest first: one line per episode, reason and topic. */
export function GivenUpTable({ lines }: { lines: readonly GivenUp[] }) {
  const { t } = useTranslation();
  const narrow = useIsNarrow();
  const shown = lines.slice(0, shownLines);
  if (narrow) {
    return <GivenUpCards lines={shown} />;
  }
  return (
    <Table.ScrollContainer minWidth={760} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table verticalSpacing="sm" horizontalSpacing="md" aria-label={t("givenUp.title")}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("givenUp.time")}</Table.Th>
            <Table.Th>{t("givenUp.session")}</Table.Th>
            <Table.Th>{t("givenUp.reason")}</Table.Th>
            <Table.Th>{t("givenUp.topic")}</Table.Th>
            <Table.Th ta="right">{t("givenUp.messages")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shown.map((line) => (
            <Line key={keyOf(line)} line={line} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

const keyOf = (line: GivenUp) => `${line.session} ${line.reason} ${line.topic ?? ""} ${line.first}`;

function Line({ line }: { line: GivenUp }) {
  const { t, i18n } = useTranslation();
  const language = i18n.language;
  return (
    <Table.Tr>
      <Table.Td>
        <Episode line={line} />
      </Table.Td>
      <Table.Td>
        <SessionName id={line.session || t("givenUp.others")} />
      </Table.Td>
      <Table.Td>{t(`givenUp.reasons.${line.reason}`, { defaultValue: line.reason })}</Table.Td>
      <Table.Td style={{ overflowWrap: "anywhere" }}>{line.topic || t("givenUp.others")}</Table.Td>
      <Table.Td ta="right" style={{ whiteSpace: "nowrap" }}>
        {formatCount(line.messages, language)}
        <Text size="sm" c="dimmed">
          {formatBytes(line.bytes, language)}
        </Text>
      </Table.Td>
    </Table.Tr>
  );
}

/** When it was, from the first message to the last. */
function Episode({ line }: { line: GivenUp }) {
  const { i18n } = useTranslation();
  const time = timeFormat(i18n.language, { dateStyle: "short", timeStyle: "medium" });
  return time.formatRange(new Date(line.first), new Date(line.last));
}

function GivenUpCards({ lines }: { lines: readonly GivenUp[] }) {
  const { t, i18n } = useTranslation();
  const language = i18n.language;
  return (
    <Stack gap={0}>
      {lines.map((line) => (
        <Stack key={keyOf(line)} gap={6} p="md" style={{ borderBottom: "1px solid var(--mantine-color-default-border)" }}>
          <SessionName id={line.session || t("givenUp.others")} />
          <Text size="sm">{t(`givenUp.reasons.${line.reason}`, { defaultValue: line.reason })}</Text>
          <Text size="sm" style={{ overflowWrap: "anywhere" }}>
            {line.topic || t("givenUp.others")}
          </Text>
          <Text size="sm">
            {t("givenUp.cardLine", { count: line.messages, messages: formatCount(line.messages, language), bytes: formatBytes(line.bytes, language) })}
          </Text>
          <Text size="sm" c="dimmed">
            <Episode line={line} />
          </Text>
        </Stack>
      ))}
    </Stack>
  );
}
