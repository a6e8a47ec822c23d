import { Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { ProfileSource, ProfileSummary } from "../../api/model";
import { ToneBadge } from "../../components/badges";

/** sourceText is where a profile was read, in one line. */
export function sourceText(source: ProfileSource): string {
  return source.repository
    ? `${source.repository}, ${source.path ?? ""} (${(source.commit ?? "").slice(0, 10)})`
    : `${source.document ?? ""}, ${source.page ?? ""}`;
}

/** CheckedBadges say what a profile was compared with. */
export function CheckedBadges({ checked, vectors }: { checked: ProfileSummary["checked"]; vectors: number }) {
  const { t } = useTranslation();
  return (
    <Group gap="xs">
      <ToneBadge tone={checked === "device" ? "good" : "calm"} text={t(`profile.checked.${checked}`)} />
      <ToneBadge tone={vectors > 0 ? "good" : "warn"} text={t("profile.vectors", { count: vectors })} />
    </Group>
  );
}

/** SourceFacts tell how far a profile can be trusted. */
export function SourceFacts({ profile }: { profile: Pick<ProfileSummary, "source" | "checked" | "vectors"> }) {
  const { t } = useTranslation();
  return (
    <>
      <CheckedBadges checked={profile.checked} vectors={profile.vectors} />
      <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
        {t("profile.source", { source: sourceText(profile.source) })}
      </Text>
    </>
  );
}
