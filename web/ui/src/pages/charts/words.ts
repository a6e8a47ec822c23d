import { useTranslation } from "react-i18next";

import { formatCount, formatValue } from "../../lib/format";
import { summaryOf } from "../../lib/past";
import { inside, type Line } from "./lines";
import type { Stretch } from "./view";

/** useWords says in words what a chart shows of each line. */
export function useWords(lines: readonly Line[], stretch: Stretch): string[] {
  const { t, i18n } = useTranslation();
  const language = i18n.language;
  return lines.map(({ row, buckets }) => {
    const { count, gaps, ...values } = summaryOf(inside(buckets, stretch));
    const valueOf = (value: number | undefined) =>
      [formatValue(value === undefined ? undefined : Number(value.toPrecision(6)), language), row.point.unit].filter(Boolean).join(" ");
    const facts = { name: row.name, count: formatCount(count, language) };
    const text =
      count === 0
        ? t("chart.wordsNone", facts)
        : values.min === undefined
          ? t("chart.wordsText", facts)
          : t("chart.words", { ...facts, min: valueOf(values.min), mean: valueOf(values.mean), max: valueOf(values.max) });
    return gaps > 0 ? `${text} ${t("past.gaps", { count: gaps })}` : text;
  });
}
