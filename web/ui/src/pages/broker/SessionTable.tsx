import { Code, Group, Stack, Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { SessionStatus } from "../../api/model";
import { ToneBadge } from "../../components/badges";
import { formatBytes, formatCount } from "../../lib/format";
import { useIsNarrow } from "../../lib/useIsPhone";
import { SessionName } from "./SessionName";

interface Props {
  sessions: readonly SessionStatus[];
  onOpen: (id: string) => void;
}

export function SessionTable({ sessions, onOpen }: Props) {
  const { t } = useTranslation();
  const narrow = useIsNarrow();
  if (narrow) {
    return <SessionCards sessions={sessions} onOpen={onOpen} />;
  }
  return (
    <Table.ScrollContainer minWidth={860} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table verticalSpacing="sm" horizontalSpacing="md" aria-label={t("broker.sessionsTitle")}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("broker.id")}</Table.Th>
            <Table.Th>{t("broker.state")}</Table.Th>
            <Table.Th>{t("broker.protocol")}</Table.Th>
            <Table.Th>{t("broker.subscriptions")}</Table.Th>
            <Table.Th ta="right">{t("broker.queue")}</Table.Th>
            <Table.Th ta="right">{t("broker.inflight")}</Table.Th>
            <Table.Th ta="right">{t("broker.receivedSent")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {sessions.map((session) => (
            <Row key={session.id} session={session} onOpen={() => onOpen(session.id)} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Row({ session, onOpen }: { session: SessionStatus; onOpen: () => void }) {
  const { i18n } = useTranslation();
  const language = i18n.language;
  return (
    <Table.Tr>
      <Table.Td>
        <SessionName id={session.id} text={[session.username, session.address].filter(Boolean).join(" · ")} onOpen={onOpen} />
      </Table.Td>
      <Table.Td>
        <Connected session={session} />
      </Table.Td>
      <Table.Td>
        <Protocol protocol={session.protocol} />
      </Table.Td>
      <Table.Td>
        <Filters filters={session.subscriptions} count={session.subscriptionCount} />
      </Table.Td>
      <Table.Td ta="right">
        {formatCount(session.queue.messages, language)}
        <Text size="sm" c="dimmed">
          {formatBytes(session.queue.bytes, language)}
        </Text>
      </Table.Td>
      <Table.Td ta="right">{formatCount(session.inflight, language)}</Table.Td>
      <Table.Td ta="right" style={{ whiteSpace: "nowrap" }}>
        {formatCount(session.received, language)} / {formatCount(session.sent, language)}
      </Table.Td>
    </Table.Tr>
  );
}

/** The gateway's own sessions that only publish and the queues of shared subscriptions are never connected, and nothing is wrong with that. */
function Connected({ session: { connected, protocol } }: { session: SessionStatus }) {
  const { t } = useTranslation();
  if (protocol === "internal" && !connected) {
    return null;
  }
  return <ToneBadge tone={connected ? "good" : "off"} text={t(connected ? "broker.connected" : "broker.away")} />;
}

/** Whoever is away speaks nothing. */
function Protocol({ protocol }: { protocol: string }) {
  const { t } = useTranslation();
  if (protocol === "") {
    return null;
  }
  return protocol === "internal" ? t("broker.internal") : t("broker.mqtt", { version: protocol });
}

const shownFilters = 4;

function Filters({ filters, count }: { filters: readonly string[]; count: number }) {
  const { t } = useTranslation();
  return (
    <Group gap={4}>
      {filters.slice(0, shownFilters).map((filter) => (
        <Code key={filter}>{filter}</Code>
      ))}
      {count > shownFilters ? (
        <Text size="sm" c="dimmed">
          {t("broker.more", { count: count - shownFilters })}
        </Text>
      ) : null}
    </Group>
  );
}

function SessionCards({ sessions, onOpen }: Props) {
  const { t, i18n } = useTranslation();
  const language = i18n.language;
  return (
    <Stack gap={0}>
      {sessions.map((session) => (
        <Stack key={session.id} gap={6} p="md" style={{ borderBottom: "1px solid var(--mantine-color-default-border)" }}>
          <Group justify="space-between" gap="xs">
            <SessionName id={session.id} onOpen={() => onOpen(session.id)} />
            <Connected session={session} />
          </Group>
          <Text size="sm" c="dimmed">
            <Protocol protocol={session.protocol} /> {session.address}
          </Text>
          <Filters filters={session.subscriptions} count={session.subscriptionCount} />
          <Text size="sm">
            {t("broker.cardLine", {
              queue: formatCount(session.queue.messages, language),
              inflight: session.inflight,
              received: formatCount(session.received, language),
              sent: formatCount(session.sent, language),
            })}
          </Text>
        </Stack>
      ))}
    </Stack>
  );
}
