import { Button, Group } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useConfig } from "../../api/config";
import { useDeleteDevice } from "../../api/devices";
import type { Device } from "../../api/model";
import { allows, useRole } from "../../api/session";
import { useGuard } from "../../api/useGuard";
import { ConfirmDelete } from "../../components/ConfirmDelete";
import { IconAdd, IconDevices } from "../../components/icons";
import { PageHeader } from "../../components/PageHeader";
import { Empty, Failed, LoadingList } from "../../components/states";
import { useParam } from "../../lib/useParam";
import { AddWizard } from "./AddWizard";
import { DeviceDrawer } from "./DeviceDrawer";
import { DeviceList } from "./DeviceList";

const isNew = "+";

export function DevicesPage() {
  const { t } = useTranslation();
  const config = useConfig();
  const guard = useGuard();
  const mayEdit = allows(useRole(), "administrator");
  const [edit, setEdit] = useParam("edit");
  const [doomed, setDoomed] = useState<Device>();
  const remove = useDeleteDevice();
  const add = (
    <Button leftSection={<IconAdd size={18} />} onClick={guard("administrator", () => setEdit(isNew))}>
      {t("device.add")}
    </Button>
  );
  const actions = (
    <Group gap="sm">
      <Button component={Link} to="/profiles" variant="subtle">
        {t("profile.title")}
      </Button>
      {add}
    </Group>
  );
  const edited = config.data?.devices.find((device) => device.id === edit);
  return (
    <>
      <PageHeader title={t("nav.devices")} text={t("device.text")} actions={actions} />
      {config.isPending ? <LoadingList /> : null}
      {config.isError ? <Failed error={config.error} onRetry={() => void config.refetch()} /> : null}
      {config.data?.devices.length === 0 ? (
        <Empty icon={<IconDevices size={40} />} title={t("device.empty")} text={t("device.emptyText")} action={add} />
      ) : null}
      {config.data ? (
        <DeviceList
          config={config.data}
          onEdit={(device) => guard("administrator", () => setEdit(device.id))()}
          onDelete={(device) => guard("administrator", () => setDoomed(device))()}
        />
      ) : null}
      {config.data && mayEdit && edited ? <DeviceDrawer key={edit} config={config.data} device={edited} onClose={() => setEdit("")} /> : null}
      {config.data && mayEdit && edit === isNew ? <AddWizard config={config.data} onClose={() => setEdit("")} /> : null}
      <ConfirmDelete
        name={doomed && (doomed.name || doomed.id)}
        consequence={t("device.deleteText", { count: doomed?.points.length ?? 0 })}
        deleting={remove.isPending}
        error={remove.error}
        onCancel={() => {
          remove.reset();
          setDoomed(undefined);
        }}
        onConfirm={() =>
          doomed &&
          config.data &&
          remove.mutate({ id: doomed.id, revision: config.data.revision }, { onSuccess: () => setDoomed(undefined) })
        }
      />
    </>
  );
}
