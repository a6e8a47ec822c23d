import { Anchor, Group, Paper, Select, Stack, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { useConfig } from "../../api/config";
import type { Config } from "../../api/model";
import { Failed, LoadingList } from "../../components/states";
import { ToneBadge } from "../../components/badges";
import { formatSpan, formatValue } from "../../lib/format";
import { useNow } from "../../lib/useNow";
import { useParam } from "../../lib/useParam";
import { explain, type Step } from "../../lib/why";
import { useStatus, useValue } from "../../live/live";

/** WhyView explains the value of one point: from the wire over the device to the reading. */
export function WhyView() {
  const { t } = useTranslation();
  const config = useConfig();
  const [device, setDevice] = useParam("device");
  const [point, setPoint] = useParam("point");
  if (config.isPending) {
    return <LoadingList />;
  }
  if (config.isError) {
    return <Failed error={config.error} onRetry={() => void config.refetch()} />;
  }
  const devices = config.data.devices.map(({ id, name }) => ({ value: id, label: name || id }));
  const points = config.data.devices.find(({ id }) => id === device)?.points.map(({ id, name }) => ({ value: id, label: name || id }));
  return (
    <Stack gap="md">
      <Group gap="sm" align="flex-end">
        <Select flex="1 1 200px" label={t("why.device")} data={devices} value={device || null} onChange={(value) => setDevice(value ?? "")} searchable nothingFoundMessage={t("why.nothingFound")} />
        <Select flex="1 1 200px" label={t("why.point")} data={points ?? []} value={point || null} onChange={(value) => setPoint(value ?? "")} searchable nothingFoundMessage={t("why.nothingFound")} />
      </Group>
      {device && point ? <Answer config={config.data} device={device} point={point} /> : <Text c="dimmed">{t("why.choose")}</Text>}
    </Stack>
  );
}

function Answer({ config, device, point }: { config: Config; device: string; point: string }) {
  const { t, i18n } = useTranslation();
  const status = useStatus();
  const reading = useValue(device, point);
  const now = useNow();
  if (!status) {
    return <LoadingList />;
  }
  const { cause, steps } = explain({ config, status, reading, device, point, now });
  return (
    <Paper p="md">
      <Stack gap="sm">
        <Title order={2} size="h4">
          {t(`why.cause.${cause}.title`)}
        </Title>
        <Text>{t(`why.cause.${cause}.advice`)}</Text>
        <Text>{t("why.value", { value: formatValue(reading?.value, i18n.language) })}</Text>
        <Stack component="ol" gap="sm" m={0} p={0} style={{ listStyle: "none" }}>
          {steps.map((step) => (
            <StepItem key={step.what} step={step} now={now} />
          ))}
        </Stack>
        <Group gap="lg">
          <Anchor component={Link} to="/points" search={{ device } as never} size="sm">
            {t("why.toPoints")}
          </Anchor>
          <Anchor component={Link} to="/devices" size="sm">
            {t("why.toDevices")}
          </Anchor>
          <Anchor component={Link} to="/diagnostics" search={{ tab: "logs", search: device } as never} size="sm">
            {t("why.toLogs")}
          </Anchor>
        </Group>
      </Stack>
    </Paper>
  );
}

function StepItem({ step, now }: { step: Step; now: number }) {
  const { t, i18n } = useTranslation();
  const word = step.state ? t(`state.${step.state}`) : step.quality ? t(`quality.${step.quality}`) : t(`why.word.${step.tone}`);
  const facts = [
    step.reason,
    step.what === "load" ? t("why.load", { percent: Math.round((step.figure ?? 0) * 100) }) : "",
    step.what === "device" && step.figure ? t("why.lastPoll", { ms: Math.round(step.figure) }) : "",
    step.what === "age" ? t("why.interval", { span: formatSpan(step.figure ?? 0, i18n.language) }) : "",
    step.since ? t(step.what === "reading" || step.what === "age" ? "why.ago" : "common.since", { span: formatSpan(now - Date.parse(step.since), i18n.language) }) : "",
  ].filter(Boolean);
  return (
    <Group component="li" gap="sm" wrap="nowrap" align="flex-start">
      <div style={{ minWidth: 118 }}>
        <ToneBadge tone={step.tone} text={word} />
      </div>
      <div>
        <Text fw={600}>{t(`why.what.${step.what}`, { name: step.name ?? "" })}</Text>
        <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {facts.join(" · ")}
        </Text>
      </div>
    </Group>
  );
}
