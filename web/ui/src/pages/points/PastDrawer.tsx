import { Button, Drawer, SegmentedControl, Stack, Text } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

import { type Stretch, usePast } from "../../api/history";
import { IconChart } from "../../components/icons";
import { Empty, Failed, LoadingList } from "../../components/states";
import { formatCount, formatValue } from "../../lib/format";
import { summaryOf } from "../../lib/past";
import { useParam } from "../../lib/useParam";
import { PastTable } from "./PastTable";
import type { Row } from "./rows";

const PastChart = lazy(async () => ({ default: (await import("./PastChart")).PastChart }));

const hour = 3_600_000;
const spans = { hour, day: 24 * hour, week: 7 * 24 * hour, month: 30 * 24 * hour };
const names = Object.keys(spans) as (keyof typeof spans)[];

/** PastDrawer shows the past of a point: as a chart, in words, and on request as a table. */
export function PastDrawer({ row, onClose }: { row: Row; onClose: () => void }) {
  const { t } = useTranslation();
  const [param, setSpan] = useParam("span");
  const span = names.find((name) => name === param) ?? "hour";
  const past = usePast(row.device.id, row.point.id, spans[span]);
  return (
    <Drawer
      opened
      onClose={onClose}
      size="xl"
      title={t("past.title", { name: row.name })}
      closeButtonProps={{ "aria-label": t("common.close"), size: "lg" }}
    >
      <Stack gap="md">
        <SegmentedControl
          aria-label={t("past.span")}
          fullWidth
          data={names.map((name) => ({ value: name, label: t(`past.spans.${name}`) }))}
          value={span}
          onChange={setSpan}
        />
        {past.isPending ? <LoadingList /> : null}
        {past.isError ? <Failed error={past.error} onRetry={() => void past.refetch()} /> : null}
        {past.data && !past.isError ? <Contents row={row} stretch={past.data} /> : null}
      </Stack>
    </Drawer>
  );
}

function Contents({ row, stretch }: { row: Row; stretch: Stretch }) {
  const { t } = useTranslation();
  const [table, setTable] = useState(false);
  const text = useSummary(row, stretch);
  const { buckets } = stretch.past;
  if (buckets.length === 0) {
    return <Empty icon={<IconChart size={40} />} title={t("past.empty")} text={t("past.emptyText")} />;
  }
  const isText = buckets.some((bucket) => bucket.text !== undefined);
  return (
    <>
      {isText ? null : (
        <div>
          <Text size="sm" c="dimmed" mb={4}>
            {row.point.unit || " "}
          </Text>
          <Suspense fallback={<LoadingList />}>
            <PastChart stretch={stretch} label={text} stepped={row.point.type === "bool"} />
          </Suspense>
          <Text size="sm" c="dimmed" mt={4}>
            {t("past.legend")}
          </Text>
        </div>
      )}
      <Text size="sm" data-testid="past-summary">
        {text}
      </Text>
      {isText ? null : (
        <Button variant="default" aria-expanded={table} onClick={() => setTable(!table)}>
          {t("past.table")}
        </Button>
      )}
      {table || isText ? <PastTable buckets={buckets} /> : null}
    </>
  );
}

/** useSummary says in words what the chart shows. */
function useSummary(row: Row, { past: { buckets } }: Stretch): string {
  const { t, i18n } = useTranslation();
  const language = i18n.language;
  const { count, gaps, ...values } = summaryOf(buckets);
  const time = new Intl.DateTimeFormat(language, { dateStyle: "short", timeStyle: "short" });
  const timeOf = (at: string | undefined) => (at === undefined ? "" : time.format(Date.parse(at)));
  const valueOf = (value: number | undefined) =>
    [formatValue(value === undefined ? undefined : Number(value.toPrecision(6)), language), row.point.unit].filter(Boolean).join(" ");
  const facts = { count: formatCount(count, language), from: timeOf(buckets[0]?.time), to: timeOf(buckets.at(-1)?.time) };
  const text =
    values.min === undefined
      ? t("past.summaryText", facts)
      : t("past.summary", { ...facts, min: valueOf(values.min), mean: valueOf(values.mean), max: valueOf(values.max) });
  return gaps > 0 ? `${text} ${t("past.gaps", { count: gaps })}` : text;
}
