import { Stack, Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { AlarmEvent } from "../../api/model";
import { AcknowledgedBy } from "../../components/AcknowledgedBy";
import { ToneBadge } from "../../components/badges";
import { Time } from "../../components/Time";
import { formatSpan } from "../../lib/format";
import { useIsNarrow } from "../../lib/useIsPhone";

/** EndedAlarm is one that came and went. */
export type EndedAlarm = AlarmEvent & { ended: string };

interface Props {
  events: readonly EndedAlarm[];
}

/** PastAlarmTable has a row for each alarm that came and went; on a phone they are cards. */
export function PastAlarmTable({ events }: Props) {
  const { t } = useTranslation();
  if (useIsNarrow()) {
    return <PastAlarmCards events={events} />;
  }
  return (
    <Table.ScrollContainer minWidth={760} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table verticalSpacing="sm" horizontalSpacing="md" aria-label={t("alarms.past")}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("alarms.alarm")}</Table.Th>
            <Table.Th>{t("alarms.began")}</Table.Th>
            <Table.Th>{t("alarms.ended")}</Table.Th>
            <Table.Th>{t("alarms.seen")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {events.map((event) => (
            <Table.Tr key={event.number}>
              <Table.Td>
                <What event={event} />
              </Table.Td>
              <Table.Td style={{ whiteSpace: "nowrap" }}>
                <Time value={event.since} options={usual} />
              </Table.Td>
              <Table.Td style={{ whiteSpace: "nowrap" }}>
                <End event={event} />
              </Table.Td>
              <Table.Td>
                <Seen event={event} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

const usual: Intl.DateTimeFormatOptions = { dateStyle: "short", timeStyle: "medium" };

function PastAlarmCards({ events }: Props) {
  const { t } = useTranslation();
  return (
    <Stack component="ul" gap={0} m={0} p={0} style={{ listStyle: "none" }} aria-label={t("alarms.past")}>
      {events.map((event) => (
        <Stack key={event.number} component="li" gap={6} p="md" style={{ borderBottom: "1px solid var(--mantine-color-default-border)" }}>
          <What event={event} />
          <Text size="sm" c="dimmed">
            {t("alarms.began")} <Time value={event.since} options={usual} />
          </Text>
          <Text size="sm" c="dimmed" component="div">
            {t("alarms.ended")} <End event={event} />
          </Text>
          <Seen event={event} />
        </Stack>
      ))}
    </Stack>
  );
}

function What({ event: { code, subject, severity, detail } }: { event: AlarmEvent }) {
  const { t } = useTranslation();
  return (
    <Stack gap={4} align="flex-start">
      <ToneBadge tone={severity === "error" ? "bad" : "warn"} text={t(`alarm.severity.${severity}`)} />
      <Text fw={600} style={{ overflowWrap: "anywhere" }}>
        {t(`alarm.${code}.title`, { subject })}
      </Text>
      <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
        {detail}
      </Text>
    </Stack>
  );
}

function End({ event: { since, ended } }: { event: EndedAlarm }) {
  const { t, i18n } = useTranslation();
  return (
    <>
      <Time value={ended} options={usual} />{" "}
      <Text size="sm" c="dimmed" component="span">
        {t("alarms.lasted", { span: formatSpan(Date.parse(ended) - Date.parse(since), i18n.language) })}
      </Text>
    </>
  );
}

function Seen({ event: { acknowledged } }: { event: AlarmEvent }) {
  const { t } = useTranslation();
  if (acknowledged) {
    return <AcknowledgedBy acknowledged={acknowledged} />;
  }
  return (
    <Text size="sm" c="dimmed">
      {t("alarms.notSeen")}
    </Text>
  );
}
