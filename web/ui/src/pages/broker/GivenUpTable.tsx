import { Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { GivenUp } from "../../api/model";
import { formatBytes, formatCount } from "../../lib/format";

const shownLines = 50;

/** What sessions lost, newest first: one line per episode, reason and topic. */
export function GivenUpTable({ lines }: { lines: readonly GivenUp[] }) {
  const { t } = useTranslation();
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
          {lines.slice(0, shownLines).map((line) => (
            <Line key={`${line.session} ${line.reason} ${line.topic ?? ""} ${line.first}`} line={line} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Line({ line }: { line: GivenUp }) {
  const { t, i18n } = useTranslation();
  const language = i18n.language;
  const time = new Intl.DateTimeFormat(language, { dateStyle: "short", timeStyle: "medium" });
  return (
    <Table.Tr>
      <Table.Td style={{ whiteSpace: "nowrap" }}>
        {time.formatRange(new Date(line.first), new Date(line.last))}
      </Table.Td>
      <Table.Td style={{ overflowWrap: "anywhere" }}>{line.session || t("givenUp.others")}</Table.Td>
      <Table.Td>{t(`givenUp.reasons.${line.reason}`, { defaultValue: line.reason })}</Table.Td>
      <Table.Td style={{ overflowWrap: "anywhere" }}>{line.topic || t("givenUp.others")}</Table.Td>
      <Table.Td ta="right">
        {formatCount(line.messages, language)}
        <Text size="sm" c="dimmed">
          {formatBytes(line.bytes, language)}
        </Text>
      </Table.Td>
    </Table.Tr>
  );
}
