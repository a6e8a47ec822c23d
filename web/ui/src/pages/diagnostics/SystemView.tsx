import { Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { useSystem } from "../../api/diagnostics";
import type { System } from "../../api/model";
import { ToneBadge } from "../../components/badges";
import { Stat } from "../../components/Stat";
import { Failed, LoadingList } from "../../components/states";
import { Time } from "../../components/Time";
import { formatBytes, formatSpan } from "../../lib/format";
import { browserZone, siteZone } from "../../lib/time";
import styles from "./diagnostics.module.css";

/** SystemView is the machine below the gateway; what the machine does not say is left out. */
export function SystemView() {
  const system = useSystem();
  if (system.isPending) {
    return <LoadingList />;
  }
  if (system.isError) {
    return <Failed error={system.error} onRetry={() => void system.refetch()} />;
  }
  return (
    <Stack gap="md">
      <Figures system={system.data} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <Machine system={system.data} />
        <Clock system={system.data} />
      </SimpleGrid>
      <Network system={system.data} />
    </Stack>
  );
}

const percent = (share: number) => `${Math.round(share * 100)} %`;

function Figures({ system: { cpu, memory, disk, written, temperatures } }: { system: System }) {
  const { t, i18n } = useTranslation();
  const bytes = (count: number) => formatBytes(count, i18n.language);
  const hottest = temperatures.toSorted((a, b) => b.celsius - a.celsius)[0];
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: 5 }} spacing="sm">
      {cpu.used === undefined ? null : <Stat label={t("system.cpu")} value={percent(cpu.used)} hint={t("system.cpuHint", { count: cpu.count, load: cpu.load5?.toFixed(2) ?? "" })} />}
      {memory ? <Stat label={t("system.memory")} value={percent(1 - memory.available / memory.total)} hint={t("system.memoryHint", { total: bytes(memory.total), own: bytes(memory.gateway ?? 0) })} /> : null}
      {disk ? <Stat label={t("system.disk")} value={bytes(disk.free)} hint={t("system.diskHint", { total: bytes(disk.total), device: disk.device ?? disk.path })} /> : null}
      {hottest ? <Stat label={t("system.temperature")} value={Math.round(hottest.celsius)} unit="°C" hint={hottest.sensor} /> : null}
      {written ? <Stat label={t("system.written")} value={bytes(written.perDay ?? written.bytes)} hint={t(written.perDay === undefined ? "system.writtenSoFar" : "system.writtenHint", { device: bytes(written.devicePerDay ?? 0) })} /> : null}
    </SimpleGrid>
  );
}

function Machine({ system }: { system: System }) {
  const { t, i18n } = useTranslation();
  return (
    <Card title={t("system.machine")}>
      <Fact label={t("system.hostname")} value={system.hostname} />
      <Fact label={t("system.model")} value={system.model} />
      <Fact label={t("system.os")} value={system.os} />
      <Fact label={t("system.kernel")} value={[system.kernel, system.architecture].filter(Boolean).join(", ")} />
      <Fact label={t("system.uptime")} value={system.uptimeSeconds === undefined ? undefined : formatSpan(system.uptimeSeconds * 1000, i18n.language)} />
    </Card>
  );
}

function Clock({ system: { clock } }: { system: System }) {
  const { t } = useTranslation();
  const badge = clock.synchronised ? <ToneBadge tone="good" text={t("system.synchronised")} /> : <ToneBadge tone="warn" text={t("system.notSynchronised")} />;
  return (
    <Card title={t("system.clock")}>
      <Fact label={t("system.state")} value={badge} />
      <Fact label={t("system.time")} value={<Time value={clock.now} />} />
      <Fact label={t("system.utc")} value={clock.now.slice(0, 19).replace("T", " ")} />
      <Fact label={t("system.zone")} value={t("system.zones", { site: siteZone(), gateway: clock.zone, browser: browserZone() })} />
    </Card>
  );
}

function Network({ system: { network } }: { system: System }) {
  const { t, i18n } = useTranslation();
  const bytes = (count: number | undefined) => (count === undefined ? "" : formatBytes(count, i18n.language));
  return (
    <Card title={t("system.network")}>
      {network.map((one) => (
        <Fact
          key={one.name}
          label={one.name}
          value={
            <Stack gap={2} align="flex-start">
              <ToneBadge tone={one.up ? "good" : "off"} text={t(one.up ? "system.interfaceUp" : "system.interfaceDown")} />
              <span>{one.addresses.join(", ") || t("system.noAddress")}</span>
              <Text size="xs" c="dimmed">
                {[one.hardware, t("system.traffic", { received: bytes(one.received), sent: bytes(one.sent) })].filter(Boolean).join(" · ")}
              </Text>
            </Stack>
          }
        />
      ))}
    </Card>
  );
}

function Card({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Paper p="md">
      <Title order={2} size="h5" mb="sm">
        {title}
      </Title>
      <dl className={styles.facts}>{children}</dl>
    </Paper>
  );
}

function Fact({ label, value }: { label: string; value: ReactNode }) {
  return value === undefined || value === "" ? null : (
    <>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </>
  );
}
