import { Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { Bucket } from "../../api/model";
import { Time } from "../../components/Time";
import { formatCount, formatValue } from "../../lib/format";

/** So many rows are enough to look something up, and few enough to be drawn at once. */
const most = 200;

/** PastTable is the chart in numbers, the newest first. */
export function PastTable({ buckets }: { buckets: readonly Bucket[] }) {
  const { t, i18n } = useTranslation();
  const language = i18n.language;
  const texts = buckets.some((bucket) => bucket.text !== undefined);
  const shown = buckets.slice(-most).toReversed();
  const columns = texts ? (["time", "text", "count"] as const) : (["time", "min", "mean", "max", "count"] as const);
  return (
    <Table.ScrollContainer minWidth={300} mah={360} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table verticalSpacing={4} captionSide="top" stickyHeader>
        <Table.Caption>
          <Text size="sm" c="dimmed">
            {t("past.newest", { count: shown.length })}
          </Text>
        </Table.Caption>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column}>{t(`past.column.${column}`)}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shown.map((bucket) => (
            <Table.Tr key={bucket.time}>
              <Table.Td><Time value={bucket.time} options={{ dateStyle: "short", timeStyle: "medium" }} /></Table.Td>
              {bucket.count === 0 ? (
                <Table.Td colSpan={columns.length - 1} c="dimmed">
                  {t(bucket.bad ? "chart.bad" : "chart.nothing")}
                </Table.Td>
              ) : (
                columns.slice(1).map((column) => (
                  <Table.Td key={column}>{cell(bucket, column, language)}</Table.Td>
                ))
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function cell(bucket: Bucket, column: "time" | "text" | "min" | "mean" | "max" | "count", language: string): string {
  return column === "count" ? formatCount(bucket.count, language) : formatValue(bucket[column], language);
}
