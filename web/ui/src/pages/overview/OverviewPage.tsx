import { Group, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { lazy, Suspense, useMemo } from "react";
import { useTranslation } from "react-i18next";

import { useConfig } from "../../api/config";
import { PageHeader } from "../../components/PageHeader";
import { Stat } from "../../components/Stat";
import { LoadingList } from "../../components/states";
import { formatBytes, formatCount, formatRate, formatSpan, unknown } from "../../lib/format";
import { useNow } from "../../lib/useNow";
import { useHistory, useStatus } from "../../live/live";
import { Attention } from "./Attention";
import { FlowPicture } from "./FlowPicture";
import { OutageCard } from "./OutageCard";
import styles from "./OverviewPage.module.css";
import { flowOf } from "./picture";

const HistoryChart = lazy(async () => ({ default: (await import("./HistoryChart")).HistoryChart }));

export function OverviewPage() {
  const { t, i18n } = useTranslation();
  const language = i18n.language;
  const status = useStatus();
  const history = useHistory();
  const { data: config } = useConfig();
  const now = useNow();
  const names = useMemo(
    () => new Map([...(config?.devices ?? []), ...(config?.bridges ?? [])].map((part) => [part.id, part.name || part.id])),
    [config],
  );
  if (!status) {
    return (
      <>
        <PageHeader title={t("nav.overview")} />
        <LoadingList />
      </>
    );
  }
  const flow = flowOf(status, history);
  const rateText = (perSecond: number | undefined) => (perSecond === undefined ? unknown : formatRate(perSecond, language));
  const uptime = formatSpan(now - Date.parse(status.started), language);
  return (
    <>
      <PageHeader
        title={config?.name ?? t("nav.overview")}
        text={t("overview.text", { uptime, durability: t(`durability.${durabilityOf(status.storage.durability)}`) })}
      />
      <Stack gap="md">
        <Paper p={{ base: "xs", sm: "md" }}>
          <FlowPicture flow={flow} />
        </Paper>
        <Attention status={status} names={names} />
        <SimpleGrid cols={{ base: 2, md: 4 }} spacing="md">
          <Stat label={t("overview.readings")} value={rateText(flow.readings)} unit={t("unit.perSecond")} hint={t("overview.total", { total: formatCount(status.readings, language) })} />
          <Stat label={t("overview.messages")} value={rateText(flow.messages)} unit={t("unit.perSecond")} hint={t("overview.total", { total: formatCount(status.broker.received, language) })} />
          <Stat label={t("overview.backlog")} value={<span data-testid="backlog">{formatCount(flow.backlog, language)}</span>} unit={t("unit.messages")} hint={formatBytes(flow.backlogBytes, language)} />
          <Stat label={t("overview.forwarded")} value={rateText(flow.forwarded)} unit={t("unit.perSecond")} hint={t("overview.total", { total: formatCount(history.at(-1)?.forwarded ?? 0, language) })} />
        </SimpleGrid>
        {status.demo ? <OutageCard until={status.outage} /> : null}
        <Paper p="md">
          <Group justify="space-between" mb="sm" gap="xs">
            <Title order={2} size="h5">
              {t("chart.title")}
            </Title>
            <Group gap="md">
              <Text size="sm" className={styles.backlog}>
                {t("chart.backlog")}
              </Text>
              <Text size="sm" className={styles.forwarded}>
                {t("chart.forwarded")}
              </Text>
            </Group>
          </Group>
          <Suspense fallback={<LoadingList />}>
            <HistoryChart history={history} />
          </Suspense>
        </Paper>
      </Stack>
    </>
  );
}

function durabilityOf(text: string): "full" | "normal" | "memory" {
  return text === "normal" || text === "memory" ? text : "full";
}
