import type { LogLine } from "../../api/model";

export type Level = LogLine["level"];

/** From everything to what somebody must act on. */
export const levels = ["debug", "info", "warn", "error"] as const satisfies readonly Level[];

/** chosen are the lines of at least a level with a text in them, whatever its case. */
export function chosen(lines: readonly LogLine[], level: Level, search: string): LogLine[] {
  const wanted = search.trim().toLowerCase();
  return lines.filter((line) => levels.indexOf(line.level) >= levels.indexOf(level) && textOf(line).toLowerCase().includes(wanted));
}

/** textOf is a line as it stands in a file. */
export function textOf({ time, level, message, attributes }: LogLine): string {
  return [time, level.toUpperCase(), message, attributes].filter(Boolean).join(" ");
}
