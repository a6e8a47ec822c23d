import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useConfig } from "../../api/config";
import { useDeleteBridge } from "../../api/bridges";
import type { Bridge } from "../../api/model";
import { allows, useRole } from "../../api/session";
import { useGuard } from "../../api/useGuard";
import { ConfirmDelete } from "../../components/ConfirmDelete";
import { IconAdd, IconBridges } from "../../components/icons";
import { PageHeader } from "../../components/PageHeader";
import { Empty, Failed, LoadingList } from "../../components/states";
import { formatCount } from "../../lib/format";
import { useParam } from "../../lib/useParam";
import { useStatus } from "../../live/live";
import { BridgeDrawer } from "./BridgeDrawer";
import { BridgeList } from "./BridgeList";
import { BridgeWizard } from "./wizard/BridgeWizard";

const isNew = "+";

export function BridgesPage() {
  const { t, i18n } = useTranslation();
  const status = useStatus();
  const config = useConfig();
  const guard = useGuard();
  const mayEdit = allows(useRole(), "administrator");
  const [edit, setEdit] = useParam("edit");
  const [doomed, setDoomed] = useState<Bridge>();
  const remove = useDeleteBridge();
  const add = (
    <Button leftSection={<IconAdd size={18} />} onClick={guard("administrator", () => setEdit(isNew))}>
      {t("bridge.add")}
    </Button>
  );
  const waiting = status?.bridges.find(({ id }) => id === doomed?.id)?.backlog.messages ?? 0;
  const consequence = [
    t("bridge.deleteText", { name: doomed?.name || doomed?.id || "" }),
    waiting > 0 ? t("bridge.deleteWaiting", { count: waiting, messages: formatCount(waiting, i18n.language) }) : "",
  ].join(" ");
  const edited = config.data?.bridges.find((bridge) => bridge.id === edit);
  return (
    <>
      <PageHeader title={t("nav.bridges")} text={t("bridge.text")} actions={add} />
      {config.isPending ? <LoadingList /> : null}
      {config.isError ? <Failed error={config.error} onRetry={() => void config.refetch()} /> : null}
      {config.data?.bridges.length === 0 ? (
        <Empty icon={<IconBridges size={40} />} title={t("bridge.empty")} text={t("bridge.emptyText")} action={add} />
      ) : null}
      {config.data ? (
        <BridgeList
          bridges={config.data.bridges}
          onEdit={(bridge) => guard("administrator", () => setEdit(bridge.id))()}
          onDelete={(bridge) => guard("administrator", () => setDoomed(bridge))()}
        />
      ) : null}
      {config.data && mayEdit && edit === isNew ? <BridgeWizard config={config.data} onClose={() => setEdit("")} /> : null}
      {config.data && mayEdit && edited ? <BridgeDrawer key={edit} config={config.data} bridge={edited} onClose={() => setEdit("")} /> : null}
      <ConfirmDelete
        name={doomed && (doomed.name || doomed.id)}
        consequence={consequence}
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
