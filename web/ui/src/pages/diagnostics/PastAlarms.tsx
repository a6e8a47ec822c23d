import { Button, Group, Paper, Select, Stack, Text, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { usePastAlarms } from "../../api/alarms";
import type { Alarm } from "../../api/model";
import { IconSearch } from "../../components/icons";
import { Failed, LoadingList } from "../../components/states";
import { useParam } from "../../lib/useParam";
import { type EndedAlarm, PastAlarmTable } from "./PastAlarmTable";

const codes = [
  "backlog_filling",
  "backlog_dropping",
  "bridge_parked",
  "bridge_circulation",
  "certificate_expires",
  "certificate_expired",
  "database_replaced",
  "database_set_aside",
  "queue_restored",
] as const satisfies readonly Alarm["code"][];

/** PastAlarms are the alarms that came and went, chosen by kind and by what they were about. */
export function PastAlarms() {
  const { t } = useTranslation();
  const [code, setCode] = useParam("alarm");
  const [subject, setSubject] = useParam("about");
  const past = usePastAlarms(code, subject);
  const ended = past.data?.pages.flat().filter((event): event is EndedAlarm => event.ended !== undefined) ?? [];
  const chosen = code !== "" || subject !== "";
  return (
    <Stack gap="sm">
      <Group gap="sm" align="flex-end">
        <Select
          flex="1 1 220px"
          maw={400}
          label={t("alarms.kind")}
          data={[{ value: "", label: t("alarms.all") }, ...codes.map((value) => ({ value, label: t(`alarms.kinds.${value}`) }))]}
          value={code}
          onChange={(value) => setCode(value ?? "")}
        />
        <TextInput flex="1 1 180px" maw={400} label={t("alarms.subject")} leftSection={<IconSearch size={18} />} value={subject} onChange={(event) => setSubject(event.currentTarget.value)} />
      </Group>
      {past.isPending ? <LoadingList /> : null}
      {past.isError ? <Failed error={past.error} onRetry={() => void past.refetch()} /> : null}
      {past.isSuccess && ended.length === 0 ? <Text c="dimmed">{t(chosen ? "alarms.noneChosen" : "alarms.nonePast")}</Text> : null}
      {ended.length > 0 ? (
        <Paper>
          <PastAlarmTable events={ended} />
        </Paper>
      ) : null}
      {past.hasNextPage ? (
        <Button variant="default" loading={past.isFetchingNextPage} onClick={() => void past.fetchNextPage()} style={{ alignSelf: "flex-start" }}>
          {t("alarms.older")}
        </Button>
      ) : null}
    </Stack>
  );
}
