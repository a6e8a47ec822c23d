import { List, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { ProfilePreview } from "../../api/model";

/** Seen says what would change. */
export function Seen({ preview }: { preview: ProfilePreview }) {
  const { t } = useTranslation();
  const { devices, appear, vanish } = preview;
  return (
    <Stack gap="sm" data-testid="seen">
      <Text fw={600}>{t("profile.fact", { name: preview.name, version: preview.profile.version })}</Text>
      {devices.length > 0 ? (
        <Text size="sm">
          {t("profile.affects", { count: devices.length })} {devices.join(", ")}
        </Text>
      ) : (
        <Text size="sm">{t("profile.affectsNone")}</Text>
      )}
      <Topics title={t("profile.appear")} topics={appear} />
      <Topics title={t("profile.vanish")} topics={vanish} />
    </Stack>
  );
}

const shown = 10;

function Topics({ title, topics }: { title: string; topics: readonly string[] }) {
  const { t } = useTranslation();
  if (topics.length === 0) {
    return null;
  }
  return (
    <div>
      <Text size="sm" fw={600}>
        {title} ({topics.length})
      </Text>
      <List size="sm" className="mono">
        {topics.slice(0, shown).map((one) => (
          <List.Item key={one}>{one}</List.Item>
        ))}
      </List>
      {topics.length > shown ? <Text size="sm">{t("wizard.more", { count: topics.length - shown })}</Text> : null}
    </div>
  );
}
