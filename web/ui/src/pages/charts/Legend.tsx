import { Text, UnstyledButton, useComputedColorScheme } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { Bucket } from "../../api/model";
import { IconButton } from "../../components/IconButton";
import { IconBad } from "../../components/icons";
import { formatValue, unknown } from "../../lib/format";
import { timeFormat } from "../../lib/time";
import styles from "./charts.module.css";
import type { Line, Look } from "./lines";

interface Props {
  lines: readonly Line[];
  words: readonly string[];
  chosen: string;
  cursor: number | undefined;
  onChoose: (key: string) => void;
  onRemove: (key: string) => void;
}

/** Legend names the lines, with their values below the pointer, or else the latest ones, and what they show in words. */
export function Legend({ lines, words, chosen, cursor, onChoose, onRemove }: Props) {
  const { t, i18n } = useTranslation();
  const time = cursor === undefined ? t("chart.latest") : timeFormat(i18n.language, { dateStyle: "short", timeStyle: "medium" }).format(cursor);
  return (
    <div>
      <Text size="sm" c="dimmed" ta="right" pe={60} data-testid="cursor">
        {time}
      </Text>
      <ul className={styles.legend} aria-label={t("chart.lines")}>
        {lines.map(({ row, look, buckets }, i) => (
          <li key={row.key} className={styles.entry} data-chosen={row.key === chosen && lines.length > 1 ? true : undefined}>
            <Swatch look={look} />
            <UnstyledButton mih={36} aria-pressed={row.key === chosen} aria-label={t("chart.axis", { name: row.name })} onClick={() => onChoose(row.key)}>
              <Text component="span" fw={600} size="sm">
                {row.name}
              </Text>{" "}
              <Text component="span" c="dimmed" size="sm">
                {row.device.name || row.device.id}
              </Text>
            </UnstyledButton>
            <Text component="span" fw={650} style={{ whiteSpace: "nowrap" }}>
              {valueAt(buckets, cursor, i18n.language)} {row.point.unit}
            </Text>
            <IconButton label={t("chart.remove", { name: row.name })} onClick={() => onRemove(row.key)}>
              <IconBad size={16} />
            </IconButton>
            <Text size="xs" c="dimmed" className={styles.facts} data-testid="past-summary">
              {words[i]}
            </Text>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Swatch is a piece of the line as it is drawn. */
function Swatch({ look }: { look: Look }) {
  const scheme = useComputedColorScheme("light");
  return (
    <svg width={44} height={12} aria-hidden="true" focusable="false">
      <line x1={1} y1={6} x2={43} y2={6} stroke={look[scheme]} strokeWidth={3} strokeDasharray={look.dash.join(" ")} />
    </svg>
  );
}

/** valueAt is the last value up to a moment. */
function valueAt(buckets: readonly Bucket[], at: number | undefined, language: string): string {
  const bucket = at === undefined ? buckets.at(-1) : buckets.findLast(({ time }) => Date.parse(time) <= at + 1);
  if (!bucket || bucket.count === 0) {
    return unknown;
  }
  return bucket.text ?? formatValue(bucket.mean === undefined ? undefined : Number(bucket.mean.toPrecision(6)), language);
}
