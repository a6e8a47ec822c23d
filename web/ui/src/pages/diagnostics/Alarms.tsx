import { Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { LoadingList } from "../../components/states";
import { useStatus } from "../../live/live";
import { AlarmCard } from "./AlarmCard";
import { PastAlarms } from "./PastAlarms";

/** Alarms are the problems of the gateway itself that hold, then those that came and went. */
export function Alarms() {
  const { t } = useTranslation();
  return (
    <Stack gap="xl">
      <Holding />
      <Stack component="section" gap="sm" aria-labelledby="past-alarms">
        <Title order={2} size="h4" id="past-alarms">
          {t("alarms.past")}
        </Title>
        <PastAlarms />
      </Stack>
    </Stack>
  );
}

function Holding() {
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
        <AlarmCard key={`${alarm.code} ${alarm.subject} ${alarm.since}`} alarm={alarm} />
      ))}
    </Stack>
  );
}
