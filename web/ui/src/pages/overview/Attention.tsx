import { Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { State, Status } from "../../api/model";
import { StateBadge } from "../../components/badges";
import { formatSpan } from "../../lib/format";
import { useNow } from "../../lib/useNow";

interface Item {
  key: string;
  name: string;
  state: State;
  reason?: string;
  since?: string;
}

/** Attention lists what does not work, with the reason; or says that all is well. */
export function Attention({ status, names }: { status: Status; names: ReadonlyMap<string, string> }) {
  const { t, i18n } = useTranslation();
  const now = useNow();
  const devices = status.connections.flatMap((connection) => connection.devices);
  const parts: Item[] = [...status.bridges, ...devices].map((part) => ({ ...part, key: part.id, name: names.get(part.id) ?? part.id }));
  const storage: Item = { ...status.storage, key: "storage", name: t("attention.storage") };
  const items = [storage, ...parts].filter((part) => part.state === "down" || part.state === "degraded");
  return (
    <Paper p="md">
      <Title order={2} size="h5" mb="sm">
        {t("attention.title")}
      </Title>
      {items.length === 0 ? <Text c="dimmed">{t("attention.none")}</Text> : null}
      <Stack gap="sm" component="ul" m={0} p={0} style={{ listStyle: "none" }}>
        {items.map((item) => (
          <Group key={item.key} component="li" gap="sm" align="flex-start" wrap="nowrap">
            <StateBadge state={item.state} />
            <div>
              <Text fw={600}>{item.name}</Text>
              <Text size="sm" c="dimmed">
                {item.reason}
                {item.since ? ` · ${t("common.since", { span: formatSpan(now - Date.parse(item.since), i18n.language) })}` : null}
              </Text>
            </div>
          </Group>
        ))}
      </Stack>
    </Paper>
  );
}
