import { Code, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { Carried } from "../../lib/match";

const examples = 3;

/** RoutePreview says which topics of this gateway's points a route out carries, and what they are called there. */
export function RoutePreview({ carried }: { carried: readonly Carried[] }) {
  const { t } = useTranslation();
  if (carried.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t("bridge.carriesNone")}
      </Text>
    );
  }
  return (
    <div>
      <Text size="sm">{t("bridge.carries", { count: carried.length })}</Text>
      {carried.slice(0, examples).map(({ topic, remote }) => (
        <Text key={topic} size="sm" style={{ overflowWrap: "anywhere" }}>
          <Code>{topic}</Code> → <Code>{remote}</Code>
        </Text>
      ))}
    </div>
  );
}
