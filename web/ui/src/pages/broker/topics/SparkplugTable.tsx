import { Stack, Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { ToneBadge } from "../../../components/badges";
import { unknown } from "../../../lib/format";
import { decodeSparkplug, type SparkplugPayload } from "../../../lib/sparkplug";
import { formatTime } from "../../../lib/time";

/** SparkplugTable shows the metrics of a payload of Sparkplug B. */
export function SparkplugTable({ bytes }: { bytes: Uint8Array }) {
  const { t, i18n } = useTranslation();
  const payload = decoded(bytes);
  if (!payload) {
    return <Text c="dimmed">{t("topics.notSparkplug")}</Text>;
  }
  const time = (ms: number | undefined) => (ms === undefined ? unknown : formatTime(new Date(ms).toISOString(), i18n.language));
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed">
        {t("topics.sparkplugHead", { time: time(payload.time), sequence: payload.sequence ?? unknown })}
      </Text>
      <Table.ScrollContainer minWidth={420} mah="50vh" scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table aria-label={t("topics.views.sparkplug")}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("topics.metric")}</Table.Th>
              <Table.Th>{t("topics.type")}</Table.Th>
              <Table.Th>{t("topics.value")}</Table.Th>
              <Table.Th>{t("topics.time")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {payload.metrics.map((metric, index) => (
              // Metrics may have the same name, and their places stay the same.
              // oxlint-disable-next-line react/no-array-index-key
              <Table.Tr key={index}>
                <Table.Td>
                  {metric.name || t("topics.alias", { alias: metric.alias ?? unknown })} {metric.historical ? <ToneBadge tone="off" text={t("topics.historical")} /> : null}
                </Table.Td>
                <Table.Td>{metric.type}</Table.Td>
                <Table.Td style={{ overflowWrap: "anywhere" }}>{metric.value ?? unknown}</Table.Td>
                <Table.Td>{time(metric.time)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  );
}

function decoded(bytes: Uint8Array): SparkplugPayload | undefined {
  try {
    return decodeSparkplug(bytes);
  } catch {
    return undefined;
  }
}
