// The lines of a chart: what they are called, how they look, what is drawn of them.
import UPlot from "uplot";

import type { Bucket } from "../../api/model";
import { columnsOf } from "../../lib/past";
import type { Row } from "../points/rows";
import type { Stretch } from "./view";

/** So many lines can still be told apart. */
export const mostLines = 8;

/** Look is how a line is told from the others: by its colour, and by its dashes for who does not see colours. */
export interface Look {
  light: string;
  dark: string;
  dash: number[];
}

export const looks: readonly Look[] = [
  { light: "#0f5f78", dark: "#7bbfd2", dash: [] },
  { light: "#a85b00", dark: "#f0bf6a", dash: [9, 4] },
  { light: "#6b3fa0", dark: "#c4a3ec", dash: [2, 3] },
  { light: "#1a6b3c", dark: "#7fd6a0", dash: [10, 3, 2, 3] },
  { light: "#a3281c", dark: "#f5a399", dash: [16, 4] },
  { light: "#31519c", dark: "#9db8f2", dash: [5, 2] },
  { light: "#8a2566", dark: "#eda4d2", dash: [10, 3, 2, 3, 2, 3] },
  { light: "#4b5a62", dark: "#c3ced3", dash: [1, 5] },
];

/** lookOf is that of the i-th line. */
export function lookOf(i: number): Look {
  return looks[i % looks.length] as Look;
}

export interface Line {
  row: Row;
  look: Look;
  /** Numbers share the axis of their unit; truth values have one of their own. */
  scale: string;
  buckets: readonly Bucket[];
}

export function scaleOf({ point }: Row): string {
  return point.type === "bool" ? "bool" : `unit ${point.unit ?? ""}`;
}

/** dataOf puts the lines on one axis of time: for each its lowest, highest and mean values. */
export function dataOf(lines: readonly Line[]): UPlot.AlignedData {
  if (lines.length === 0) {
    return [[]];
  }
  return UPlot.join(lines.map(({ buckets }) => columnsOf(buckets) as unknown as UPlot.AlignedData));
}

/** inside are the buckets of a stretch. */
export function inside(buckets: readonly Bucket[], { from, to }: Stretch): Bucket[] {
  return buckets.filter(({ time }) => Date.parse(time) >= from && Date.parse(time) <= to);
}

export type Trouble = "bad" | "none" | "uncertain";

export interface Troubled extends Stretch {
  trouble: Trouble;
}

/** What is not older than this may still be on its way to the disk. */
const delay = 25_000;
/** A pause of so many usual distances is one in which nothing was recorded. */
const unusual = 5;
const leastPause = 60_000;

/** troubledOf lists the stretches without a good value, oldest first. */
export function troubledOf(buckets: readonly Bucket[], { from, to }: Stretch, now: number): Troubled[] {
  const end = Math.min(to, now - delay);
  const times = buckets.map(({ time }) => Date.parse(time));
  const pause = Math.max(leastPause, unusual * usualDistance(times));
  const list: Troubled[] = [];
  const add = (trouble: Trouble, begin: number, until: number) => {
    const [left, right] = [Math.max(begin, from), Math.min(until, to)];
    if (right > left) {
      list.push({ trouble, from: left, to: right });
    }
  };
  const first = times[0] ?? end;
  if (first - from > pause || buckets.length === 0) {
    add("none", from, first);
  }
  for (const [i, { count, bad, uncertain }] of buckets.entries()) {
    const next = times[i + 1] ?? end;
    if (count === 0) {
      add(bad ? "bad" : "none", times[i] ?? 0, next);
    } else if (uncertain) {
      add("uncertain", times[i] ?? 0, Math.min(next, (times[i] ?? 0) + pause));
    }
  }
  const last = buckets.at(-1);
  if (last && last.count > 0 && end - (times.at(-1) ?? end) > pause) {
    add("none", times.at(-1) ?? end, end);
  }
  return list;
}

function usualDistance(times: readonly number[]): number {
  const distances = times.slice(1).map((time, i) => time - (times[i] ?? time)).toSorted((a, b) => a - b);
  return distances[Math.floor(distances.length / 2)] ?? 0;
}

/** common are the stretches that all lines have in common in which nothing was recorded. */
export function common(lists: readonly (readonly Troubled[])[]): Stretch[] {
  const [first = [], ...rest] = lists.map((list) => list.filter(({ trouble }) => trouble === "none"));
  return rest.reduce<Stretch[]>(
    (shared, list) =>
      shared.flatMap((one) =>
        list
          .map((other) => ({ from: Math.max(one.from, other.from), to: Math.min(one.to, other.to) }))
          .filter(({ from, to }) => to > from),
      ),
    first,
  );
}
