import { Button, Stack, Title } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Person } from "../../../api/model";
import { useRemoveUser, useUsers } from "../../../api/users";
import { ToneBadge } from "../../../components/badges";
import { ConfirmDelete } from "../../../components/ConfirmDelete";
import { IconButton } from "../../../components/IconButton";
import { IconAdd, IconDelete, IconEdit } from "../../../components/icons";
import { PageHeader } from "../../../components/PageHeader";
import { Row, Rows } from "../../../components/Rows";
import { Failed, LoadingList } from "../../../components/states";
import { useParam } from "../../../lib/useParam";
import { LoginList } from "./LoginList";
import { PersonDrawer } from "./PersonDrawer";

const isNew = "+";

export function UsersPage() {
  const { t } = useTranslation();
  const users = useUsers();
  const remove = useRemoveUser();
  const [edit, setEdit] = useParam("edit");
  const [doomed, setDoomed] = useState<string>();
  const edited = users.data?.find(({ name }) => name === edit);
  const add = (
    <Button leftSection={<IconAdd size={18} />} onClick={() => setEdit(isNew)}>
      {t("user.add")}
    </Button>
  );
  return (
    <>
      <PageHeader title={t("settings.users")} text={t("user.text")} actions={add} />
      <Stack gap="md">
        {users.isPending ? <LoadingList /> : null}
        {users.isError ? <Failed error={users.error} onRetry={() => void users.refetch()} /> : null}
        {users.data ? <List people={users.data} onEdit={setEdit} onDelete={setDoomed} /> : null}
        <Title order={2} size="h4">
          {t("logins.title")}
        </Title>
        <LoginList />
      </Stack>
      {users.data && (edit === isNew || edited) ? <PersonDrawer key={edit} person={edited} onClose={() => setEdit("")} /> : null}
      <ConfirmDelete
        name={doomed}
        consequence={t("user.deleteText")}
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
  people: readonly Person[];
  onEdit: (name: string) => void;
  onDelete: (name: string) => void;
}

function List({ people, onEdit, onDelete }: ListProps) {
  const { t } = useTranslation();
  return (
    <Rows label={t("settings.users")}>
      {people.map(({ name, role, disabled, mqtt }) => (
        <Row
          key={name}
          name={
            <>
              {name}
              {disabled ? <ToneBadge tone="off" text={t("state.disabled")} /> : null}
            </>
          }
          facts={[t(`role.${role}` as "role.viewer"), mqtt ? t("user.hasMQTT") : null]}
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
