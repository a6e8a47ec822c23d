import { SimpleGrid, Tabs } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { PageHeader } from "../../components/PageHeader";
import { Stat } from "../../components/Stat";
import { formatCount } from "../../lib/format";
import { useParam } from "../../lib/useParam";
import { useStatus } from "../../live/live";
import { GivenUpView } from "./GivenUpView";
import { Sessions } from "./Sessions";
import { TopicsView } from "./topics/TopicsView";

const counters = ["clients", "sessions", "subscriptions", "retained", "received", "sent", "queued", "dropped"] as const;

const views = [
  { name: "sessions", View: Sessions },
  { name: "topics", View: TopicsView },
  { name: "givenUp", View: GivenUpView },
] as const;

/** BrokerPage is who is connected, what is retained and passes by, and what was lost. */
export function BrokerPage() {
  const { t, i18n } = useTranslation();
  const status = useStatus();
  const [tab, setTab] = useParam("tab");
  const shown = views.find(({ name }) => name === tab)?.name ?? "sessions";
  return (
    <>
      <PageHeader title={t("nav.broker")} text={t("broker.text")} />
      <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm" mb="md">
        {counters.map((counter) => (
          <Stat key={counter} label={t(`broker.${counter}`)} value={status ? formatCount(status.broker[counter], i18n.language) : "—"} />
        ))}
      </SimpleGrid>
      <Tabs value={shown} onChange={(next) => setTab(next ?? "")} keepMounted={false} variant="outline">
        <Tabs.List aria-label={t("nav.broker")} mb="md">
          {views.map(({ name }) => (
            <Tabs.Tab key={name} value={name}>
              {t(`broker.tab.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {views.map(({ name, View }) => (
          <Tabs.Panel key={name} value={name}>
            <View />
          </Tabs.Panel>
        ))}
      </Tabs>
    </>
  );
}
