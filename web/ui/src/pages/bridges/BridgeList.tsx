import { Anchor, Code, Group, Paper, SimpleGrid, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { Bridge, BridgeStatus } from "../../api/model";
import { StateBadge } from "../../components/badges";
import styles from "../../components/cards.module.css";
import { IconButton } from "../../components/IconButton";
import { IconDelete, IconDown, IconEdit, IconUp } from "../../components/icons";
import { formatBytes, formatCount, formatRate, formatSpan, unknown } from "../../lib/format";
import { rate } from "../../lib/rates";
import { useNow } from "../../lib/useNow";
import { useHistory, useStatus } from "../../live/live";

interface Props {
  bridges: readonly Bridge[];
  onEdit: (bridge: Bridge) => void;
  onDelete: (bridge: Bridge) => void;
}

export function BridgeList({ bridges, onEdit, onDelete }: Props) {
  const { t } = useTranslation();
  const status = useStatus();
  return (
    <ul className={styles.list}>
      {bridges.map((bridge) => {
        const own = status?.bridges.find((one) => one.id === bridge.id);
        return (
          <Paper key={bridge.id} component="li" className={styles.card} data-testid={`bridge-${bridge.id}`}>
            <div>
              <div className={styles.name}>
                <Anchor component={Link} to="/bridges/$bridge" params={{ bridge: bridge.id } as never} fw={650} fz="md">
                  {bridge.name || bridge.id}
                </Anchor>
                <StateBadge state={bridge.disabled ? "disabled" : (own?.state ?? "starting")} />
              </div>
              <div className={styles.facts}>
                <span>{bridge.url}</span>
              </div>
            </div>
            <Group gap={2} wrap="nowrap" align="flex-start">
              <IconButton label={t("common.editNamed", { name: bridge.name || bridge.id })} onClick={() => onEdit(bridge)}>
                <IconEdit />
              </IconButton>
              <IconButton label={t("common.deleteNamed", { name: bridge.name || bridge.id })} onClick={() => onDelete(bridge)}>
                <IconDelete />
              </IconButton>
            </Group>
            {own ? <BridgeFigures status={own} /> : null}
            <Anchor component={Link} to="/bridges/$bridge" params={{ bridge: bridge.id } as never} size="sm" style={{ gridColumn: "1 / -1" }} aria-label={t("bridge.showBacklogOf", { name: bridge.name || bridge.id })}>
              {t("bridge.showBacklog")}
            </Anchor>
            <Stack gap={4} style={{ gridColumn: "1 / -1" }}>
              {bridge.routes.map((route) => (
                <Group key={`${route.direction} ${route.filter} ${route.prefix ?? ""}`} gap={6}>
                  {route.direction === "out" ? <IconUp size={16} /> : <IconDown size={16} />}
                  <Text size="sm">{t(`bridge.${route.direction}`)}</Text>
                  <Code>{route.filter}</Code>
                  {route.prefix ? <Code>{t("bridge.toPrefix", { prefix: route.prefix })}</Code> : null}
                  <Text size="sm" c="dimmed">
                    {t("bridge.qosFact", { qos: route.qos })}
                  </Text>
                </Group>
              ))}
            </Stack>
          </Paper>
        );
      })}
    </ul>
  );
}

function BridgeFigures({ status }: { status: BridgeStatus }) {
  const { t, i18n } = useTranslation();
  const language = i18n.language;
  const history = useHistory();
  const now = useNow();
  const perSecond = rate(history, (sample) => sample.bridges[status.id] ?? 0);
  const figures = [
    { label: t("bridge.backlog"), value: t("bridge.backlogValue", { messages: formatCount(status.backlog.messages, language), bytes: formatBytes(status.backlog.bytes, language) }) },
    { label: t("bridge.forwarded"), value: formatCount(status.forwarded, language) },
    { label: t("bridge.rate"), value: t("flow.perSecond", { rate: perSecond === undefined ? unknown : formatRate(perSecond, language) }) },
    { label: t("bridge.received"), value: formatCount(status.received, language) },
    { label: t("bridge.refused"), value: formatCount(status.refused + status.backlog.dropped, language) },
    { label: t("bridge.twice"), value: formatCount(status.possiblyTwice, language) },
  ];
  return (
    <div style={{ gridColumn: "1 / -1" }}>
      {status.reason && status.state !== "up" ? (
        <Text size="sm" mb="sm">
          {status.reason} · {t("common.since", { span: formatSpan(now - Date.parse(status.since), language) })}
        </Text>
      ) : null}
      <SimpleGrid cols={{ base: 2, xs: 3, md: 6 }} spacing="sm" component="dl" m={0}>
        {figures.map(({ label, value }) => (
          <div key={label}>
            <Text component="dt" size="sm" c="dimmed">
              {label}
            </Text>
            <Text component="dd" m={0} fw={600}>
              {value}
            </Text>
          </div>
        ))}
      </SimpleGrid>
    </div>
  );
}
