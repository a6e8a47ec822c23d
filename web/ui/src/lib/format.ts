// Numbers and times as people read them, in the language of the page.
import type { Value } from "../api/model";

/** The sign for a value that is not known. */
export const unknown = "—";

export function formatValue(value: Value | undefined, language: string): string {
  if (value === null || value === undefined) {
    return unknown;
  }
  if (Array.isArray(value)) {
    return value.map((one) => formatValue(one, language)).join(language.startsWith("de") ? "; " : ", ");
  }
  if (typeof value === "number") {
    return new Intl.NumberFormat(language, { maximumSignificantDigits: 9, useGrouping: false }).format(value);
  }
  return String(value);
}

export function formatCount(count: number, language: string): string {
  return new Intl.NumberFormat(language, { maximumFractionDigits: 0 }).format(count);
}

/** formatRate shows a decimal only where it says something. */
export function formatRate(perSecond: number, language: string): string {
  const digits = perSecond > 0 && perSecond < 10 ? 1 : 0;
  return new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(
    perSecond,
  );
}

const byteUnits = ["B", "KB", "MB", "GB", "TB"] as const;

export function formatBytes(bytes: number, language: string): string {
  let unit = 0;
  let value = bytes;
  while (value >= 1000 && unit < byteUnits.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit > 0 && value < 100 ? 1 : 0;
  const text = new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);
  return `${text} ${byteUnits[unit]}`;
}

const steps = [
  { unit: "day", seconds: 86_400 },
  { unit: "hour", seconds: 3_600 },
  { unit: "minute", seconds: 60 },
] as const;

/** formatSpan is a length of time in its largest unit: "12 s", "3 min", "2 hr". */
export function formatSpan(ms: number, language: string): string {
  const seconds = Math.max(0, ms / 1000);
  const step = steps.find((candidate) => seconds >= candidate.seconds);
  const value = Math.floor(seconds / (step?.seconds ?? 1));
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit: step?.unit ?? "second",
    unitDisplay: "short",
  }).format(value);
}
