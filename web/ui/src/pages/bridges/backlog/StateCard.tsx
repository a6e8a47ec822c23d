import { Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { BridgeStatus, State } from "../../../api/model";
import { StateBadge } from "../../../components/badges";
import { formatSpan } from "../../../lib/format";
import { timeFormat } from "../../../lib/time";
import { useNow } from "../../../lib/useNow";

/** The states of a bridge, in the order in which they usually come. */
const states = ["starting", "connecting", "up", "stalled", "down", "idle", "paused", "disabled"] as const satisfies readonly State[];

/** StateCard says how the link is, why, and what comes next. */
export function StateCard({ status }: { status: BridgeStatus }) {
  const { t, i18n } = useTranslation();
  const language = i18n.language;
  const now = useNow();
  const [legend, setLegend] = useState(false);
  const ahead = status.nextAttempt ? Date.parse(status.nextAttempt) - now : 0;
  const facts = [
    status.server ? t("backlog.server", { server: status.server }) : "",
    status.attempts ? t("backlog.attempts", { count: status.attempts }) : "",
    ahead > 0 ? t("backlog.next", { span: formatSpan(ahead, language) }) : "",
    status.echoMs === undefined ? "" : t("backlog.echo", { ms: Math.round(status.echoMs) }),
    status.certificateEnds ? t("backlog.certificateEnds", { time: timeFormat(language, { dateStyle: "medium" }).format(Date.parse(status.certificateEnds)) }) : "",
  ].filter(Boolean);
  return (
    <Paper p="md">
      <Stack gap="xs">
        <Group gap="sm">
          <Title order={2} size="h5">
            {t("backlog.link")}
          </Title>
          <StateBadge state={status.state} />
          <Text size="sm" c="dimmed">
            {t("common.since", { span: formatSpan(now - Date.parse(status.since), language) })}
          </Text>
        </Group>
        <Text>{status.reason || t(`backlog.state.${stateOf(status.state)}`)}</Text>
        <Group gap="lg">
          {facts.map((fact) => (
            <Text key={fact} size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
              {fact}
            </Text>
          ))}
        </Group>
        <div>
          <Button variant="subtle" size="compact-sm" aria-expanded={legend} onClick={() => setLegend(!legend)}>
            {t("backlog.states")}
          </Button>
        </div>
        {legend ? <States present={stateOf(status.state)} /> : null}
      </Stack>
    </Paper>
  );
}

type BridgeState = (typeof states)[number];

function stateOf(state: State): BridgeState {
  return states.find((known) => known === state) ?? "down";
}

function States({ present }: { present: BridgeState }) {
  const { t } = useTranslation();
  return (
    <Stack component="ol" gap="xs" m={0} p={0} style={{ listStyle: "none" }}>
      {states.map((state) => (
        <Group key={state} component="li" gap="sm" wrap="nowrap" align="flex-start" aria-current={state === present ? "step" : undefined}>
          <div style={{ minWidth: 116 }}>
            <StateBadge state={state} />
          </div>
          <Text size="sm" fw={state === present ? 650 : 400}>
            {t(`backlog.state.${state}`)}
          </Text>
        </Group>
      ))}
    </Stack>
  );
}
