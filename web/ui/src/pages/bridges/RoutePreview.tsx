import { Button, Code, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { RoutePreview as Preview } from "../../api/model";

/** So many are shown at first. */
const few = 3;

/** RoutePreview says which topics of now a route out carries, and what they are called there. */
export function RoutePreview({ preview: { topics, examples } }: { preview: Preview }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  if (topics === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t("bridge.carriesNone")}
      </Text>
    );
  }
  const shown = examples.slice(0, all ? examples.length : few);
  return (
    <div>
      <Text size="sm">{t("bridge.carries", { count: topics })}</Text>
      {shown.map(({ topic, remote }) => (
        <Text key={topic} size="sm" style={{ overflowWrap: "anywhere" }}>
          <Code>{topic}</Code> → <Code>{remote}</Code>
        </Text>
      ))}
      {all && topics > shown.length ? (
        <Text size="sm" c="dimmed">
          {t("bridge.carriesMore", { count: topics - shown.length })}
        </Text>
      ) : null}
      {!all && topics > few ? (
        <Button variant="subtle" size="compact-sm" onClick={() => setAll(true)}>
          {t("bridge.carriesAll")}
        </Button>
      ) : null}
    </div>
  );
}
