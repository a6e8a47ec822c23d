import { Group, Paper, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { Alarm, State, Status } from "../../api/model";
import { AcknowledgedBy } from "../../components/AcknowledgedBy";
import { StateBadge, ToneBadge } from "../../components/badges";
import { WhyLink } from "../../components/WhyLink";
import { formatSpan } from "../../lib/format";
import { useNow } from "../../lib/useNow";

interface Part {
  id: string;
  name: string;
  state: State;
  reason?: string;
  since: string;
}

/** Attention lists what does not work, with the reason and what to do; or says that all is well. */
export function Attention({ status, names }: { status: Status; names: ReadonlyMap<string, string> }) {
  const { t } = useTranslation();
  const devices = status.connections.flatMap((connection) => connection.devices);
  const deviceIDs = new Set(devices.map(({ id }) => id));
  const storage: Part = { ...status.storage, id: "$storage", name: t("attention.storage") };
  const named: Part[] = [...status.bridges, ...devices].map((part) => ({ ...part, name: names.get(part.id) ?? part.id }));
  const parts = [storage, ...named].filter((part) => part.state === "down" || part.state === "degraded");
  return (
    <Paper p="md">
      <Title order={2} size="h5" mb="sm">
        {t("attention.title")}
      </Title>
      {parts.length + status.alarms.length === 0 ? <Text c="dimmed">{t("attention.none")}</Text> : null}
      <Stack gap="sm" component="ul" m={0} p={0} style={{ listStyle: "none" }}>
        {status.alarms.map((alarm) => (
          <AlarmItem key={`${alarm.code} ${alarm.subject}`} alarm={alarm} />
        ))}
        {parts.map((part) => (
          <Item
            key={part.id}
            badge={<StateBadge state={part.state} />}
            name={part.name}
            text={part.reason}
            since={part.since}
          >
            {deviceIDs.has(part.id) ? <WhyLink device={part.id} name={part.name} /> : null}
          </Item>
        ))}
      </Stack>
    </Paper>
  );
}

function AlarmItem({ alarm }: { alarm: Alarm }) {
  const { t } = useTranslation();
  const { code, subject, severity, detail, since, acknowledged } = alarm;
  const tone = severity === "error" ? "bad" : "warn";
  const badge = <ToneBadge tone={acknowledged ? "off" : tone} text={t(`alarm.severity.${severity}`)} />;
  return (
    <Item badge={badge} name={t(`alarm.${code}.title`, { subject })} text={t(`alarm.${code}.hint`, { subject })} since={since}>
      <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
        {detail}
      </Text>
      {acknowledged ? <AcknowledgedBy acknowledged={acknowledged} /> : null}
    </Item>
  );
}

interface ItemProps {
  badge: ReactNode;
  name: string;
  text: string | undefined;
  since: string;
  children?: ReactNode;
}

function Item({ badge, name, text, since, children }: ItemProps) {
  const { t, i18n } = useTranslation();
  const now = useNow();
  return (
    <Group component="li" gap="sm" align="flex-start" wrap="nowrap">
      {badge}
      <div>
        <Text fw={600}>{name}</Text>
        <Text size="sm" c="dimmed">
          {text} · {t("common.since", { span: formatSpan(now - Date.parse(since), i18n.language) })}
        </Text>
        {children}
      </div>
    </Group>
  );
}
