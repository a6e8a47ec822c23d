import { Alert, Button, Group, MultiSelect, Paper, Select, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { exportUrl } from "../../api/history";
import { IconChart } from "../../components/icons";
import { PageHeader } from "../../components/PageHeader";
import { Empty, Failed, LoadingList } from "../../components/states";
import { Legend } from "./Legend";
import { inside, mostLines } from "./lines";
import { LinkButton } from "./LinkButton";
import { PastTable } from "./PastTable";
import { Plot } from "./Plot";
import { TimeBar } from "./TimeBar";
import { useCharts } from "./useCharts";
import { stretchOf } from "./view";
import { useWords } from "./words";

/** So many points are offered at once; more are found by typing. */
const offered = 60;

export function ChartsPage() {
  const { t } = useTranslation();
  const charts = useCharts();
  const { config, all, rows } = charts;
  return (
    <>
      <PageHeader title={t("nav.charts")} text={t("chart.text")} />
      {config.isPending ? <LoadingList /> : null}
      {config.isError ? <Failed error={config.error} onRetry={() => void config.refetch()} /> : null}
      {config.data ? (
        <Stack gap="md">
          <MultiSelect
            label={t("chart.points")}
            description={t("chart.pointsHelp", { count: mostLines })}
            placeholder={rows.length === 0 ? t("chart.pick") : ""}
            data={all.map((row) => ({ value: row.key, label: [row.device.name || row.device.id, row.name].join(" · ") + (row.point.unit ? ` (${row.point.unit})` : "") }))}
            value={rows.map(({ key }) => key)}
            onChange={charts.setRows}
            maxValues={mostLines}
            limit={offered}
            searchable
            hidePickedOptions
            nothingFoundMessage={t("point.noneFound")}
            clearButtonProps={{ "aria-label": t("chart.clear") }}
            clearable
          />
          {rows.length === 0 ? <Empty icon={<IconChart size={40} />} title={t("chart.none")} text={t("chart.noneText")} /> : <Chart charts={charts} />}
        </Stack>
      ) : null}
    </>
  );
}

function Chart({ charts }: { charts: ReturnType<typeof useCharts> }) {
  const { t, i18n } = useTranslation();
  const { lines, view, now, rows, source, past } = charts;
  const [chosen, setChosen] = useState("");
  const [cursor, setCursor] = useState<number>();
  const [table, setTable] = useState("");
  const stretch = stretchOf(view, now);
  const first = rows.find(({ key }) => key === chosen) ?? rows[0];
  const words = useWords(lines, stretch);
  const drawn = lines.filter(({ row }) => row.point.type !== "string");
  const shown = lines.find(({ row }) => row.key === table);
  const refs = rows.map(({ device, point }) => ({ device: device.id, point: point.id }));
  return (
    <Paper p={{ base: "xs", sm: "md" }}>
      <Stack gap="sm">
        <TimeBar view={view} now={now} onView={charts.setView} />
        {past.isError ? <Failed error={past.error} onRetry={() => void past.refetch()} /> : null}
        {past.isPending ? <LoadingList /> : null}
        {past.data ? (
          <>
            {drawn.length > 0 ? <Plot key={drawn.map(({ row, scale }) => `${row.key} ${scale}`).join()} lines={drawn} view={view} now={now} chosen={first?.key ?? ""} label={words.join(" ")} onView={charts.setView} onCursor={setCursor} /> : null}
            <Legend lines={lines} words={words} chosen={first?.key ?? ""} cursor={cursor} onChoose={setChosen} onRemove={(key) => charts.setRows(rows.filter((row) => row.key !== key).map((row) => row.key))} />
            <Text size="sm" c="dimmed">
              {t(`chart.source.${source}`)} {t("chart.legend")}
            </Text>
          </>
        ) : null}
        <Group gap="sm">
          <Button variant="default" component="a" href={exportUrl(refs, stretch, i18n.language === "de")} download>
            {t("chart.export")}
          </Button>
          <LinkButton rows={rows} stretch={stretch} />
          <Button variant="default" aria-expanded={shown !== undefined} onClick={() => setTable(shown ? "" : (first?.key ?? ""))}>
            {t("past.table")}
          </Button>
          {shown && lines.length > 1 ? (
            <Select aria-label={t("chart.tableOf")} data={rows.map(({ key, name, device }) => ({ value: key, label: `${device.name || device.id} · ${name}` }))} value={shown.row.key} onChange={(key) => setTable(key ?? "")} />
          ) : null}
        </Group>
        {shown ? <TableOf buckets={inside(shown.buckets, stretch)} /> : null}
      </Stack>
    </Paper>
  );
}

function TableOf({ buckets }: { buckets: Parameters<typeof PastTable>[0]["buckets"] }) {
  const { t } = useTranslation();
  return buckets.length === 0 ? <Alert variant="default" title={t("chart.nothing")} /> : <PastTable buckets={buckets} />;
}
