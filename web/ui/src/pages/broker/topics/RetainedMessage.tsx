import { Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { usePublish, useRetained } from "../../../api/messages";
import { useGuard } from "../../../api/useGuard";
import { ConfirmDelete } from "../../../components/ConfirmDelete";
import { IconButton } from "../../../components/IconButton";
import { IconBad } from "../../../components/icons";
import { Failed, LoadingList } from "../../../components/states";
import { MessageFacts } from "./MessageFacts";
import { PayloadView } from "./PayloadView";

interface Props {
  topic: string;
  onPublish: () => void;
  onClose: () => void;
}

/** RetainedMessage is what the broker retains of one topic. */
export function RetainedMessage({ topic, onPublish, onClose }: Props) {
  const { t } = useTranslation();
  const guard = useGuard();
  const retained = useRetained(topic);
  const publish = usePublish();
  const [removing, setRemoving] = useState(false);
  const close = () => {
    publish.reset();
    setRemoving(false);
  };
  const remove = () =>
    publish.mutate(
      { topic, payload: new Uint8Array(), qos: 1, retain: true },
      {
        onSuccess: () => {
          close();
          onClose();
        },
      },
    );
  return (
    <Paper p="md" component="section" aria-label={topic}>
      <Stack gap="sm">
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <Title order={3} size="h5" style={{ overflowWrap: "anywhere" }}>
            {topic}
          </Title>
          <IconButton label={t("common.close")} onClick={onClose}>
            <IconBad />
          </IconButton>
        </Group>
        {retained.isPending ? <LoadingList /> : null}
        {retained.isError ? <Failed error={retained.error} onRetry={() => void retained.refetch()} /> : null}
        {retained.data ? (
          <>
            <Text size="sm" c="dimmed" component="div">
              <MessageFacts message={retained.data} />
            </Text>
            <PayloadView message={retained.data} />
          </>
        ) : null}
        <Group gap="sm">
          <Button variant="default" onClick={onPublish}>
            {t("topics.publishHere")}
          </Button>
          <Button variant="default" disabled={!retained.data} onClick={guard("operator", () => setRemoving(true))}>
            {t("topics.remove")}
          </Button>
        </Group>
      </Stack>
      <ConfirmDelete
        name={removing ? topic : undefined}
        consequence={t("topics.removeText")}
        deleting={publish.isPending}
        error={publish.error}
        onCancel={close}
        onConfirm={remove}
      />
    </Paper>
  );
}
