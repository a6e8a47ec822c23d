import { Button, Stack } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useConfig } from "../../../api/config";
import { useRemoveListener } from "../../../api/listeners";
import { ConfirmDelete } from "../../../components/ConfirmDelete";
import { IconAdd, IconDoor } from "../../../components/icons";
import { PageHeader } from "../../../components/PageHeader";
import { Empty, Failed, LoadingList } from "../../../components/states";
import { useParam } from "../../../lib/useParam";
import { useStatus } from "../../../live/live";
import { ListenerDrawer } from "./ListenerDrawer";
import { ListenerList } from "./ListenerList";
import { LocalLoginCard } from "./LocalLoginCard";

const isNew = "+";

export function ListenersPage() {
  const { t } = useTranslation();
  const config = useConfig();
  const status = useStatus();
  const remove = useRemoveListener();
  const [edit, setEdit] = useParam("edit");
  const [doomed, setDoomed] = useState<string>();
  const listeners = config.data?.listeners ?? [];
  const edited = listeners.find(({ id }) => id === edit);
  const add = (
    <Button leftSection={<IconAdd size={18} />} onClick={() => setEdit(isNew)}>
      {t("listener.add")}
    </Button>
  );
  return (
    <>
      <PageHeader title={t("settings.listeners")} text={t("listener.text")} actions={add} />
      <Stack gap="lg">
        {config.isPending ? <LoadingList /> : null}
        {config.isError ? <Failed error={config.error} onRetry={() => void config.refetch()} /> : null}
        {config.data && listeners.length === 0 ? <Empty icon={<IconDoor size={40} />} title={t("listener.empty")} text={t("listener.emptyText")} action={add} /> : null}
        {listeners.length > 0 ? <ListenerList listeners={listeners} status={status?.listeners ?? []} onEdit={setEdit} onDelete={setDoomed} /> : null}
        {config.data ? <LocalLoginCard config={config.data} /> : null}
      </Stack>
      {config.data && (edit === isNew || edited) ? <ListenerDrawer key={edit} config={config.data} listener={edited} onClose={() => setEdit("")} /> : null}
      <ConfirmDelete
        name={doomed}
        consequence={t("listener.deleteText")}
        deleting={remove.isPending}
        error={remove.error}
        onCancel={() => {
          remove.reset();
          setDoomed(undefined);
        }}
        onConfirm={() => doomed && config.data && remove.mutate({ id: doomed, revision: config.data.revision }, { onSuccess: () => setDoomed(undefined) })}
      />
    </>
  );
}
