import { Button, Drawer, Group, Stack, Table, Text, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useEndClient, useSessionDetail } from "../../api/broker";
import type { SessionDetail } from "../../api/model";
import { asProblem } from "../../api/problem";
import { useGuard } from "../../api/useGuard";
import { ConfirmDelete } from "../../components/ConfirmDelete";
import { ProblemAlert } from "../../components/ProblemAlert";
import { Failed, LoadingList } from "../../components/states";
import { formatCount } from "../../lib/format";
import { SessionFacts } from "./SessionFacts";

/** SessionDrawer is all that is known of one session, and what can be done to it. */
export function SessionDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation();
  const detail = useSessionDetail(id);
  return (
    <Drawer opened onClose={onClose} title={t("session.title", { id })} closeButtonProps={{ "aria-label": t("common.close"), size: "lg" }}>
      {detail.isPending ? <LoadingList /> : null}
      {detail.isError ? <Failed error={detail.error} onRetry={() => void detail.refetch()} /> : null}
      {detail.data ? (
        <Stack>
          <SessionFacts detail={detail.data} />
          {/* Sessions of the gateway itself go with what they belong to. */}
          {id.startsWith("$") ? null : <Ending id={id} connected={detail.data.session.connected} onClose={onClose} />}
          <Subscriptions detail={detail.data} />
        </Stack>
      ) : null}
    </Drawer>
  );
}

function tell(message: string) {
  notifications.show({ message });
}

function Ending({ id, connected, onClose }: { id: string; connected: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const guard = useGuard();
  const end = useEndClient(id);
  const [removing, setRemoving] = useState(false);
  const cancel = () => {
    end.reset();
    setRemoving(false);
  };
  return (
    <>
      {end.error && !removing ? <ProblemAlert problem={asProblem(end.error)} /> : null}
      <Group gap="sm">
        <Button
          variant="default"
          disabled={!connected}
          loading={end.isPending && !removing}
          onClick={guard("operator", () => end.mutate("disconnect", { onSuccess: () => tell(t("session.disconnected", { id })) }))}
        >
          {t("session.disconnect")}
        </Button>
        <Button variant="default" onClick={guard("administrator", () => setRemoving(true))}>
          {t("session.remove")}
        </Button>
      </Group>
      <ConfirmDelete
        name={removing ? id : undefined}
        consequence={t("session.removeText")}
        deleting={end.isPending}
        error={end.error}
        onCancel={cancel}
        onConfirm={() =>
          end.mutate("remove", {
            onSuccess: () => {
              tell(t("session.removed", { id }));
              onClose();
            },
          })
        }
      />
    </>
  );
}

function Subscriptions({ detail: { session, subscriptions } }: { detail: SessionDetail }) {
  const { t, i18n } = useTranslation();
  const more = session.subscriptionCount - subscriptions.length;
  if (subscriptions.length === 0) {
    return <Text c="dimmed">{t("session.noSubscriptions")}</Text>;
  }
  return (
    <Stack gap="xs">
      <Title order={3} size="h5">
        {t("broker.subscriptions")}
      </Title>
      <Table aria-label={t("broker.subscriptions")}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("topics.filter")}</Table.Th>
            <Table.Th>{t("session.qos")}</Table.Th>
            <Table.Th>{t("session.options")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {subscriptions.map((subscription) => (
            <Table.Tr key={subscription.filter}>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{subscription.filter}</Table.Td>
              <Table.Td>{subscription.qos}</Table.Td>
              <Table.Td>
                {[
                  subscription.noLocal ? t("session.noLocal") : "",
                  subscription.retainAsPublished ? t("session.asPublished") : "",
                  t(`session.handling.${subscription.retainHandling}` as "session.handling.0"),
                ]
                  .filter(Boolean)
                  .join(" · ")}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {more > 0 ? <Text c="dimmed">{t("broker.more", { count: more, formatted: formatCount(more, i18n.language) })}</Text> : null}
    </Stack>
  );
}
