import { Button, Group, Paper, Stack, Text, Tooltip } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useTranslation } from "react-i18next";

import { useAcknowledge } from "../../api/alarms";
import type { Alarm } from "../../api/model";
import { asProblem } from "../../api/problem";
import { useGuard } from "../../api/useGuard";
import { AcknowledgedBy } from "../../components/AcknowledgedBy";
import { ToneBadge } from "../../components/badges";
import { Time } from "../../components/Time";
import { formatSpan } from "../../lib/format";
import { useNow } from "../../lib/useNow";

/** AlarmCard is an alarm that holds, with what to do about it; one that somebody has seen says so and is quieter. */
export function AlarmCard({ alarm }: { alarm: Alarm }) {
  const { t, i18n } = useTranslation();
  const now = useNow();
  const { code, subject, severity, since, detail, acknowledged } = alarm;
  const tone = severity === "error" ? "bad" : "warn";
  return (
    <Paper component="li" p="md">
      <Stack gap={4}>
        <Group gap="xs" justify="space-between" align="flex-start">
          <Group gap="xs">
            <ToneBadge tone={acknowledged ? "off" : tone} text={t(`alarm.severity.${severity}`)} />
            {acknowledged ? <AcknowledgedBy acknowledged={acknowledged} /> : null}
          </Group>
          {acknowledged ? null : <Acknowledge alarm={alarm} />}
        </Group>
        <Text fw={650} {...(acknowledged ? { c: "dimmed" } : {})}>
          {t(`alarm.${code}.title`, { subject })}
        </Text>
        <Text size="sm">{t(`alarm.${code}.hint`, { subject })}</Text>
        <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {detail}
        </Text>
        <Text size="sm" c="dimmed">
          <Time value={since} /> · {t("common.since", { span: formatSpan(now - Date.parse(since), i18n.language) })}
        </Text>
      </Stack>
    </Paper>
  );
}

function Acknowledge({ alarm }: { alarm: Alarm }) {
  const { t } = useTranslation();
  const guard = useGuard();
  const acknowledge = useAcknowledge();
  const name = t("alarms.acknowledgeOne", { title: t(`alarm.${alarm.code}.title`, { subject: alarm.subject }) });
  const send = guard("operator", () =>
    acknowledge.mutate(alarm, {
      onError: (error) => notifications.show({ color: "red", title: t("alarms.notAcknowledged"), message: asProblem(error).message }),
    }),
  );
  return (
    <Tooltip label={t("alarms.acknowledgeHelp")} openDelay={400} multiline maw={280}>
      <Button variant="default" aria-label={name} loading={acknowledge.isPending} onClick={send}>
        {t("alarms.acknowledge")}
      </Button>
    </Tooltip>
  );
}
