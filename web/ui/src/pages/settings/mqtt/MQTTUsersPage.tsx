import { Button, Stack } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { MQTTUser } from "../../../api/model";
import { useMQTTUsers, useRemoveMQTTUser } from "../../../api/mqttUsers";
import { ToneBadge } from "../../../components/badges";
import { ConfirmDelete } from "../../../components/ConfirmDelete";
import { IconButton } from "../../../components/IconButton";
import { IconAdd, IconBroker, IconDelete, IconEdit } from "../../../components/icons";
import { PageHeader } from "../../../components/PageHeader";
import { Row, Rows } from "../../../components/Rows";
import { ShownOnce } from "../../../components/ShownOnce";
import { Empty, Failed, LoadingList } from "../../../components/states";
import { useParam } from "../../../lib/useParam";
import { MQTTUserDrawer } from "./MQTTUserDrawer";
import { Tester } from "./Tester";

const isNew = "+";

export function MQTTUsersPage() {
  const { t } = useTranslation();
  const users = useMQTTUsers();
  const remove = useRemoveMQTTUser();
  const [edit, setEdit] = useParam("edit");
  const [doomed, setDoomed] = useState<string>();
  const [made, setMade] = useState<string>();
  const edited = users.data?.find(({ name }) => name === edit);
  const add = (
    <Button leftSection={<IconAdd size={18} />} onClick={() => setEdit(isNew)}>
      {t("mqttUser.add")}
    </Button>
  );
  return (
    <>
      <PageHeader title={t("settings.mqtt")} text={t("mqttUser.text")} actions={add} />
      <Stack gap="lg">
        {users.isPending ? <LoadingList /> : null}
        {users.isError ? <Failed error={users.error} onRetry={() => void users.refetch()} /> : null}
        {users.data?.length === 0 ? <Empty icon={<IconBroker size={40} />} title={t("mqttUser.empty")} text={t("mqttUser.emptyText")} action={add} /> : null}
        {users.data && users.data.length > 0 ? <List users={users.data} onEdit={setEdit} onDelete={setDoomed} /> : null}
        {users.data ? <Tester key={users.data.map(({ name }) => name).join()} users={users.data} /> : null}
      </Stack>
      {users.data && (edit === isNew || edited) ? <MQTTUserDrawer key={edit} user={edited} onClose={() => setEdit("")} onMade={setMade} /> : null}
      <ShownOnce title={t("mqttUser.madeTitle")} text={t("mqttUser.madeText")} label={t("login.password")} secret={made} onClose={() => setMade(undefined)} />
      <ConfirmDelete
        name={doomed}
        consequence={t("mqttUser.deleteText")}
        deleting={remove.isPending}
        error={remove.error}
        onCancel={() => {
          remove.reset();
          setDoomed(undefined);
        }}
        onConfirm={() => doomed && remove.mutate(doomed, { onSuccess: () => setDoomed(undefined) })}
      />
    </>
  );
}

interface ListProps {
  users: readonly MQTTUser[];
  onEdit: (name: string) => void;
  onDelete: (name: string) => void;
}

function List({ users, onEdit, onDelete }: ListProps) {
  const { t } = useTranslation();
  return (
    <Rows label={t("settings.mqtt")}>
      {users.map(({ name, disabled, rights }) => (
        <Row
          key={name}
          name={
            <>
              {name}
              {disabled ? <ToneBadge tone="off" text={t("state.disabled")} /> : null}
            </>
          }
          facts={[rights.preset ? t(`preset.${rights.preset}` as "preset.sensor", { defaultValue: rights.preset }) : t("rights.count", { count: rights.rules?.length ?? 0 })]}
          actions={
            <>
              <IconButton label={t("common.editNamed", { name })} onClick={() => onEdit(name)}>
                <IconEdit />
              </IconButton>
              <IconButton label={t("common.deleteNamed", { name })} onClick={() => onDelete(name)}>
                <IconDelete />
              </IconButton>
            </>
          }
        />
      ))}
    </Rows>
  );
}
