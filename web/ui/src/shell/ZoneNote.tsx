import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { browserZone, siteZone, zonesDiffer } from "../lib/time";
import { useNow } from "../lib/useNow";
import { useTimeZone } from "../live/live";

const hourMs = 3_600_000;

/** ZoneNote says in which zone times are, when the browser is in another one. */
export function ZoneNote() {
  const { t } = useTranslation();
  const now = useNow(hourMs);
  const told = useTimeZone();
  return told !== undefined && told === siteZone() && zonesDiffer(now) ? (
    <Text size="xs" c="dimmed" px={12} pb="xs">
      {t("shell.zone", { site: siteZone(), browser: browserZone() })}
    </Text>
  ) : null;
}
