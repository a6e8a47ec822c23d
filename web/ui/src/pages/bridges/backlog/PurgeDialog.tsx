import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { usePurge } from "../../../api/backlog";
import type { Bridge } from "../../../api/model";
import { asProblem } from "../../../api/problem";
import { ProblemAlert } from "../../../components/ProblemAlert";
import { formatCount } from "../../../lib/format";

interface Props {
  bridge: Bridge;
  waiting: number;
  onClose: () => void;
}

/** PurgeDialog throws away what waits once the name of the bridge was typed. */
export function PurgeDialog({ bridge, waiting, onClose }: Props) {
  const { t, i18n } = useTranslation();
  const purge = usePurge(bridge.id);
  const [typed, setTyped] = useState("");
  const name = bridge.name || bridge.id;
  const count = (messages: number) => formatCount(messages, i18n.language);
  const confirm = () =>
    purge.mutate(typed, {
      onSuccess: ({ removed, left }) => {
        notifications.show({ message: t("backlog.purged", { count: removed, removed: count(removed), left: count(left) }) });
        onClose();
      },
    });
  return (
    <Modal opened onClose={onClose} title={t("backlog.purgeTitle", { name })} closeButtonProps={{ "aria-label": t("common.close") }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          confirm();
        }}
      >
        <Stack>
          <Text>{t("backlog.purgeText", { count: waiting, messages: count(waiting) })}</Text>
          <TextInput label={t("backlog.typeName", { name })} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} data-autofocus />
          {purge.error ? <ProblemAlert problem={asProblem(purge.error)} /> : null}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("common.cancel")}
            </Button>
            <Button type="submit" color="red" disabled={typed !== name && typed !== bridge.id} loading={purge.isPending}>
              {t("backlog.purge")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
