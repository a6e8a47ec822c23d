import { Paper, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { Alarm } from "../../api/model";
import { ToneBadge } from "../../components/badges";
import { LoadingList } from "../../components/states";
import { Time } from "../../components/Time";
import { formatSpan } from "../../lib/format";
import { useNow } from "../../lib/useNow";
import { useStatus } from "../../live/live";

/** Alarms are the problems of the gateway itself, the newest first. */
export function Alarms() {
  const { t } = useTranslation();
  const status = useStatus();
  if (!status) {
    return <LoadingList />;
  }
  if (status.alarms.length === 0) {
    return <Text c="dimmed">{t("alarms.none")}</Text>;
  }
  return (
    <Stack component="ul" gap="sm" m={0} p={0} style={{ listStyle: "none" }}>
      {status.alarms.map((alarm) => (
        <AlarmCard key={`${alarm.code} ${alarm.subject}`} alarm={alarm} />
      ))}
    </Stack>
  );
}

function AlarmCard({ alarm: { code, subject, severity, since, detail } }: { alarm: Alarm }) {
  const { t, i18n } = useTranslation();
  const now = useNow();
  return (
    <Paper component="li" p="md">
      <Stack gap={4} align="flex-start">
        <ToneBadge tone={severity === "error" ? "bad" : "warn"} text={t(`alarm.severity.${severity}`)} />
        <Text fw={650}>{t(`alarm.${code}.title`, { subject })}</Text>
        <Text size="sm">{t(`alarm.${code}.hint`)}</Text>
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
