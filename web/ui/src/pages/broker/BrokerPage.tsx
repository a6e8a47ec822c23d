import { Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { useGivenUp } from "../../api/broker";
import { PageHeader } from "../../components/PageHeader";
import { Stat } from "../../components/Stat";
import { Failed } from "../../components/states";
import { formatCount } from "../../lib/format";
import { useStatus } from "../../live/live";
import { GivenUpTable } from "./GivenUpTable";
import { Sessions } from "./Sessions";

const counters = ["clients", "sessions", "subscriptions", "retained", "received", "sent", "queued", "dropped"] as const;

export function BrokerPage() {
  const { t, i18n } = useTranslation();
  const status = useStatus();
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
        <Sessions />
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
