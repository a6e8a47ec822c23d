import { Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { useGivenUp, useSessions } from "../../api/broker";
import { IconBroker } from "../../components/icons";
import { PageHeader } from "../../components/PageHeader";
import { Stat } from "../../components/Stat";
import { Empty, Failed, LoadingList } from "../../components/states";
import { formatCount } from "../../lib/format";
import { useStatus } from "../../live/live";
import { GivenUpTable } from "./GivenUpTable";
import { SessionTable } from "./SessionTable";

const counters = ["clients", "sessions", "subscriptions", "retained", "received", "sent", "queued", "dropped"] as const;

export function BrokerPage() {
  const { t, i18n } = useTranslation();
  const status = useStatus();
  const sessions = useSessions();
  const givenUp = useGivenUp();
  return (
    <>
      <PageHeader title={t("nav.broker")} text={t("broker.text")} />
      <Stack gap="md">
        <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
          {counters.map((counter) => (
            <Stat key={counter} label={t(`broker.${counter}`)} value={status ? formatCount(status.broker[counter], i18n.language) : "—"} />
          ))}
        </SimpleGrid>
        <Title order={2} size="h4">
          {t("broker.sessionsTitle")}
        </Title>
        {sessions.isPending ? <LoadingList /> : null}
        {sessions.isError ? <Failed error={sessions.error} onRetry={() => void sessions.refetch()} /> : null}
        {sessions.data?.length === 0 ? <Empty icon={<IconBroker size={40} />} title={t("broker.empty")} text={t("broker.emptyText")} /> : null}
        {sessions.data && sessions.data.length > 0 ? (
          <Paper>
            <SessionTable sessions={sessions.data} />
          </Paper>
        ) : null}
        <Title order={2} size="h4">
          {t("givenUp.title")}
        </Title>
        {givenUp.isError ? <Failed error={givenUp.error} onRetry={() => void givenUp.refetch()} /> : null}
        {givenUp.data?.length === 0 ? <Text c="dimmed">{t("givenUp.none")}</Text> : null}
        {givenUp.data && givenUp.data.length > 0 ? (
          <Paper>
            <GivenUpTable lines={givenUp.data} />
          </Paper>
        ) : null}
      </Stack>
    </>
  );
}
