import { Table } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { BacklogSample } from "../../../api/model";
import { Time } from "../../../components/Time";
import { formatBytes, formatCount, formatRate } from "../../../lib/format";
import { thinned } from "./course";

/** So many rows are enough to read the course, and few enough to be drawn at once. */
const most = 60;

/** BacklogTable is the chart in numbers, the newest first. */
export function BacklogTable({ samples }: { samples: readonly BacklogSample[] }) {
  const { t, i18n } = useTranslation();
  const language = i18n.language;
  return (
    <Table.ScrollContainer minWidth={620} mah={360} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table verticalSpacing={4} stickyHeader aria-label={t("backlog.course")}>
        <Table.Thead>
          <Table.Tr>
            {(["time", "messages", "bytes", "in", "out", "givenUp", "link"] as const).map((column) => (
              <Table.Th key={column}>{t(`backlog.column.${column}`)}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {thinned(samples, most)
            .toReversed()
            .map((sample) => (
              <Table.Tr key={sample.at}>
                <Table.Td><Time value={sample.at} options={{ dateStyle: "short", timeStyle: "medium" }} /></Table.Td>
                <Table.Td>{formatCount(sample.messages, language)}</Table.Td>
                <Table.Td>{formatBytes(sample.bytes, language)}</Table.Td>
                <Table.Td>{formatRate(sample.in.messages, language)}</Table.Td>
                <Table.Td>{formatRate(sample.out.messages, language)}</Table.Td>
                <Table.Td>{formatCount(sample.givenUp, language)}</Table.Td>
                <Table.Td>{t(sample.up ? "backlog.linkUp" : "backlog.linkDown")}</Table.Td>
              </Table.Tr>
            ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
