import { Paper, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { BridgeStatus } from "../../../api/model";
import { formatCount } from "../../../lib/format";

/** LossesCard counts what this bridge will not deliver, by reason, and what may arrive twice. */
export function LossesCard({ status }: { status: BridgeStatus }) {
  const { t, i18n } = useTranslation();
  const language = i18n.language;
  const losses = status.backlog.givenUp.map(({ reason, messages }) => ({
    text: t(`givenUp.reasons.${reason as "expired"}`, { defaultValue: reason }),
    messages,
  }));
  const rest = [
    { text: t("bridge.twice"), messages: status.possiblyTwice },
    { text: t("backlog.takenOver"), messages: status.takenOver },
  ].filter(({ messages }) => messages > 0);
  return (
    <Paper p="md">
      <Title order={2} size="h5" mb="xs">
        {t("backlog.losses")}
      </Title>
      {losses.length === 0 ? <Text c="dimmed">{t("backlog.noLosses")}</Text> : null}
      <Stack component="ul" gap={4} m={0} p={0} style={{ listStyle: "none" }}>
        {[...losses, ...rest].map(({ text, messages }) => (
          <Text key={text} component="li" size="sm">
            {t("backlog.loss", { reason: text, count: messages, messages: formatCount(messages, language) })}
          </Text>
        ))}
      </Stack>
    </Paper>
  );
}
