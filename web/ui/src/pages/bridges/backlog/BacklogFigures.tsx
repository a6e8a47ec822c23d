import { Progress, SimpleGrid, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { Backlog } from "../../../api/model";
import { Stat } from "../../../components/Stat";
import { formatBytes, formatCount, formatRate, formatSpan, unknown } from "../../../lib/format";
import { useNow } from "../../../lib/useNow";

const fullFrom = 0.8;

/** BacklogFigures are how much waits, how it moves, and how long that can go on. */
export function BacklogFigures({ backlog }: { backlog: Backlog }) {
  const { t, i18n } = useTranslation();
  const language = i18n.language;
  const now = useNow();
  const span = (seconds: number | undefined) => (seconds === undefined ? unknown : formatSpan(seconds * 1000, language));
  const { oldest } = backlog;
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="sm">
        <Stat label={t("backlog.depth")} value={formatCount(backlog.messages, language)} hint={formatBytes(backlog.bytes, language)} />
        <Stat label={t("backlog.oldest")} value={oldest ? formatSpan(now - Date.parse(oldest), language) : unknown} />
        <Stat label={t("backlog.in")} value={formatRate(backlog.in.messages, language)} unit={t("backlog.perSecond")} hint={t("backlog.bytesPerSecond", { bytes: formatBytes(backlog.in.bytes, language) })} />
        <Stat label={t("backlog.out")} value={formatRate(backlog.out.messages, language)} unit={t("backlog.perSecond")} hint={t("backlog.bytesPerSecond", { bytes: formatBytes(backlog.out.bytes, language) })} />
        <Stat label={t("backlog.drain")} value={backlog.messages === 0 ? t("backlog.nothing") : span(backlog.drainSeconds)} hint={t("backlog.drainHint")} />
        <Stat label={t("backlog.lasts")} value={span(backlog.limit.lastsSeconds)} hint={t("backlog.lastsHint", { whole: span(backlog.limit.wholeSeconds) })} />
      </SimpleGrid>
      <Order backlog={backlog} />
      <Room backlog={backlog} />
    </Stack>
  );
}

/** Order is how much of what waits does not wait for the rest. */
function Order({ backlog: { messages, urgent, live } }: { backlog: Backlog }) {
  const { t, i18n } = useTranslation();
  const count = (n: number) => formatCount(n, i18n.language);
  return <Text size="sm">{live === undefined ? t("backlog.urgent", { urgent: count(urgent) }) : t("backlog.streams", { live: count(live), late: count(messages - live) })}</Text>;
}

/** Room is how full the nearest bound is. */
function Room({ backlog: { limit } }: { backlog: Backlog }) {
  const { t, i18n } = useTranslation();
  const percent = Math.min(100, Math.round(limit.used * 100));
  const bounds = { bytes: formatBytes(limit.maxBytes, i18n.language), messages: formatCount(limit.maxMessages, i18n.language), age: formatSpan(limit.maxAgeSeconds * 1000, i18n.language) };
  return (
    <div>
      <Text size="sm" mb={4}>
        {t("backlog.used", { percent })} {limit.by ? t(`backlog.by.${limit.by}`) : ""} {limit.held ? t("backlog.held") : ""}
      </Text>
      <Progress value={percent} aria-label={t("backlog.used", { percent })} color={limit.used >= fullFrom ? "red" : "tide"} />
      <Text size="sm" c="dimmed" mt={4}>
        {t("backlog.bounds", bounds)}
      </Text>
    </div>
  );
}
