import { Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { DevicePreview } from "../../../api/model";

const most = 100;

type Change = DevicePreview["changes"][number];

/** ChangeList says what an edit does to each point: what was there, and what is there then. */
export function ChangeList({ changes }: { changes: readonly Change[] }) {
  const { t } = useTranslation();
  return (
    <Stack gap={6} data-testid="changes">
      {changes.slice(0, most).map((change) => (
        <div key={`${change.object} ${change.id}`}>
          <Text size="sm" fw={600}>
            {t(`grid.did.${change.kind as "added" | "changed" | "removed"}`, { name: change.name || change.id })}
          </Text>
          {change.kind === "changed"
            ? change.fields.map((field) => (
                <Text key={field.field} size="sm" className="mono" style={{ overflowWrap: "anywhere" }}>
                  {field.field}: <del>{field.before || t("grid.nothing")}</del> → <ins>{field.after || t("grid.nothing")}</ins>
                </Text>
              ))
            : null}
        </div>
      ))}
      {changes.length > most ? <Text size="sm">{t("grid.more", { count: changes.length - most })}</Text> : null}
    </Stack>
  );
}

/** TopicList names topics, as many as can be looked at. */
export function TopicList({ title, topics }: { title: string; topics: readonly string[] }) {
  const { t } = useTranslation();
  if (topics.length === 0) {
    return null;
  }
  return (
    <div>
      <Text size="sm" fw={600}>
        {title}
      </Text>
      {topics.slice(0, most).map((topic) => (
        <Text key={topic} size="sm" className="mono" style={{ overflowWrap: "anywhere" }}>
          {topic}
        </Text>
      ))}
      {topics.length > most ? <Text size="sm">{t("grid.more", { count: topics.length - most })}</Text> : null}
    </div>
  );
}
