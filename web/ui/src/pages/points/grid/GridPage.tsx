import { Select } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { useConfig } from "../../../api/config";
import { allows, useRole } from "../../../api/session";
import { IconPoints } from "../../../components/icons";
import { PageHeader } from "../../../components/PageHeader";
import { Empty, Failed, LoadingList } from "../../../components/states";
import { useParam } from "../../../lib/useParam";
import { DeviceGrid } from "./DeviceGrid";

/** GridPage edits the points of one device as a table. */
export function GridPage() {
  const { t } = useTranslation();
  const config = useConfig();
  const [id, setID] = useParam("device");
  const mayEdit = allows(useRole(), "administrator");
  const { data } = config;
  const device = data?.devices.find((one) => one.id === id) ?? data?.devices[0];
  return (
    <>
      <PageHeader
        title={t("grid.page")}
        text={t("grid.text")}
        actions={
          data && device ? (
            <Select aria-label={t("point.device")} data={data.devices.map((one) => ({ value: one.id, label: one.name || one.id }))} value={device.id} onChange={(value) => setID(value ?? "")} />
          ) : null
        }
      />
      {config.isPending ? <LoadingList /> : null}
      {config.isError ? <Failed error={config.error} onRetry={() => void config.refetch()} /> : null}
      {data && !mayEdit ? <Empty icon={<IconPoints size={40} />} title={t("problem.forbidden")} text={t("guard.needs", { role: t("role.administrator") })} /> : null}
      {data && mayEdit && device ? <DeviceGrid key={device.id} config={data} device={device} /> : null}
      {data && !device ? <Empty icon={<IconPoints size={40} />} title={t("grid.noDevice")} text={t("point.emptyText")} /> : null}
    </>
  );
}
