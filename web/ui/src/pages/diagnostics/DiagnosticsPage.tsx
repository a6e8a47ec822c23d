import { Button, Tabs } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { supportBundleUrl } from "../../api/diagnostics";
import { useGuard } from "../../api/useGuard";
import { PageHeader } from "../../components/PageHeader";
import { useParam } from "../../lib/useParam";
import { Alarms } from "./Alarms";
import { Frames } from "./Frames";
import { Logs } from "./Logs";
import { SystemView } from "./SystemView";
import { WhyView } from "./WhyView";

const views = [
  { name: "alarms", View: Alarms },
  { name: "value", View: WhyView },
  { name: "frames", View: Frames },
  { name: "logs", View: Logs },
  { name: "system", View: SystemView },
] as const;

/** DiagnosticsPage is where one looks when something is wrong. */
export function DiagnosticsPage() {
  const { t } = useTranslation();
  const guard = useGuard();
  const [tab, setTab] = useParam("tab");
  const shown = views.find(({ name }) => name === tab)?.name ?? "alarms";
  const bundle = (
    <Button variant="default" onClick={guard("administrator", () => window.location.assign(supportBundleUrl()))}>
      {t("diagnostics.bundle")}
    </Button>
  );
  return (
    <>
      <PageHeader title={t("nav.diagnostics")} text={t("diagnostics.text")} actions={bundle} />
      <Tabs value={shown} onChange={(next) => setTab(next ?? "")} keepMounted={false} variant="outline">
        <Tabs.List aria-label={t("nav.diagnostics")} mb="md">
          {views.map(({ name }) => (
            <Tabs.Tab key={name} value={name}>
              {t(`diagnostics.tab.${name}`)}
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
