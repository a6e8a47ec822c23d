import { Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Bridge, ParkedMessage } from "../../../api/model";
import { type ParkedAction, parkedPage, parkedUrl, useHandleParked, useParked } from "../../../api/parked";
import { useGuard } from "../../../api/useGuard";
import { Failed, LoadingList } from "../../../components/states";
import { formatCount } from "../../../lib/format";
import { HandleParkedDialog } from "./HandleParkedDialog";
import { ParkedList } from "./ParkedList";

interface Props {
  bridge: Bridge;
  /** How many there are. */
  count: number;
}

/** ParkedCard shows what the other broker refused, and what can be done with it; nothing while there is nothing. */
export function ParkedCard({ bridge, count }: Props) {
  const { t, i18n } = useTranslation();
  const parked = useParked(bridge.id, count);
  if (count === 0) {
    return null;
  }
  const messages = formatCount(count, i18n.language);
  return (
    <Paper p="md" component="section" aria-label={t("parked.title")}>
      <Title order={2} size="h5" mb="xs">
        {t("parked.title")}
      </Title>
      <Text size="sm" mb="sm">
        {t("parked.text", { count, messages })} {count > parkedPage ? t("parked.oldest", { shown: parkedPage }) : ""}
      </Text>
      {parked.isPending ? <LoadingList /> : null}
      {parked.isError ? <Failed error={parked.error} onRetry={() => void parked.refetch()} /> : null}
      {parked.data ? <Contents bridge={bridge} count={count} list={parked.data} /> : null}
    </Paper>
  );
}

function Contents({ bridge, count, list }: Props & { list: ParkedMessage[] }) {
  const { t, i18n } = useTranslation();
  const guard = useGuard();
  const handle = useHandleParked(bridge.id);
  const [marked, setMarked] = useState<ReadonlySet<number>>(new Set());
  const [asked, setAsked] = useState<ParkedAction>();
  const chosen = list.map(({ position }) => position).filter((position) => marked.has(position));
  const handled = chosen.length || count;
  const toggle = (position: number) => {
    const next = new Set(marked);
    if (!next.delete(position)) {
      next.add(position);
    }
    setMarked(next);
  };
  const confirm = (action: ParkedAction) =>
    handle.mutate(
      { action, positions: chosen.length > 0 ? chosen : undefined },
      {
        onSuccess: ({ messages }) => {
          notifications.show({ message: t(`parked.did.${action}`, { count: messages, messages: formatCount(messages, i18n.language) }) });
          setMarked(new Set());
          setAsked(undefined);
        },
      },
    );
  const ask = (action: ParkedAction) => {
    handle.reset();
    setAsked(action);
  };
  const which = chosen.length > 0 ? "some" : "all";
  return (
    <Stack gap="sm">
      <Group gap="sm">
        <Button variant="default" onClick={guard("operator", () => ask("send"))}>
          {t(`parked.send.${which}`, { count: handled })}
        </Button>
        <Button variant="default" onClick={guard("administrator", () => window.location.assign(parkedUrl(bridge.id)))}>
          {t("parked.export")}
        </Button>
        <Button variant="light" color="red" onClick={guard("administrator", () => ask("discard"))}>
          {t(`parked.discard.${which}`, { count: handled })}
        </Button>
      </Group>
      <ParkedList list={list} marked={marked} onMark={toggle} />
      {asked ? (
        <HandleParkedDialog action={asked} count={handled} working={handle.isPending} error={handle.error} onCancel={() => setAsked(undefined)} onConfirm={() => confirm(asked)} />
      ) : null}
    </Stack>
  );
}
