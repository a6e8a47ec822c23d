import { Text, Tooltip } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { QualityBadge, ToneBadge } from "../../components/badges";
import { formatSpan, formatValue } from "../../lib/format";
import { useNow } from "../../lib/useNow";
import { useValue } from "../../live/live";
import type { Row } from "./rows";

// Each cell follows its own point, so that a new value draws one cell and not the grid.

export function LiveValue({ row }: { row: Row }) {
  const { i18n } = useTranslation();
  const reading = useValue(row.device.id, row.point.id);
  return (
    <span data-testid={`value-${row.key}`} style={{ whiteSpace: "nowrap" }}>
      <Text component="span" fw={650}>
        {formatValue(reading?.value, i18n.language)}
      </Text>
      {row.point.unit ? (
        <Text component="span" c="dimmed" size="sm">
          {` ${row.point.unit}`}
        </Text>
      ) : null}
    </span>
  );
}

export function LiveAge({ row }: { row: Row }) {
  const { i18n } = useTranslation();
  const reading = useValue(row.device.id, row.point.id);
  const now = useNow();
  return (
    <Text component="span" size="sm" c="dimmed" style={{ whiteSpace: "nowrap" }}>
      {reading ? formatSpan(now - Date.parse(reading.time), i18n.language) : ""}
    </Text>
  );
}

export function LiveQuality({ row }: { row: Row }) {
  const { t } = useTranslation();
  const reading = useValue(row.device.id, row.point.id);
  if (!reading) {
    return <ToneBadge tone="calm" text={t("quality.none")} />;
  }
  if (!reading.reason) {
    return <QualityBadge quality={reading.quality} />;
  }
  return (
    <Tooltip label={reading.reason} multiline maw={320}>
      <div>
        <QualityBadge quality={reading.quality} />
        <Text size="xs" c="dimmed" lineClamp={1} maw={220}>
          {reading.reason}
        </Text>
      </div>
    </Tooltip>
  );
}
