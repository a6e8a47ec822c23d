// What a chart and its summary make of the buckets of a point's past.
import type { Bucket } from "../api/model";

/** The columns of a chart: seconds, lowest, highest, mean; null where no line may be drawn. */
export type Columns = [number[], (number | null)[], (number | null)[], (number | null)[]];

export function columnsOf(buckets: readonly Bucket[]): Columns {
  const numbers = buckets.filter((bucket) => bucket.text === undefined);
  return [
    numbers.map((bucket) => Date.parse(bucket.time) / 1000),
    numbers.map((bucket) => bucket.min ?? null),
    numbers.map((bucket) => bucket.max ?? null),
    numbers.map((bucket) => bucket.mean ?? null),
  ];
}

/**
 * lonely finds the values without a neighbour on either side: no line leads to them, so they need a dot. A line goes on
 * over what is undefined, which are the times of other lines.
 */
export function lonely(values: readonly (number | null | undefined)[]): number[] {
  const places = [...values.keys()].filter((i) => values[i] !== undefined);
  const known = (place: number) => typeof values[places[place] ?? -1] === "number";
  return places.filter((_, place) => known(place) && !known(place - 1) && !known(place + 1));
}

export interface Summary {
  count: number;
  /** Times at which the value was not known, also short ones within a bucket. */
  gaps: number;
  min?: number;
  mean?: number;
  max?: number;
}

export function summaryOf(buckets: readonly Bucket[]): Summary {
  const summary: Summary = { count: 0, gaps: 0 };
  let sum = 0;
  for (const { count, gap, min, mean, max } of buckets) {
    summary.count += count;
    summary.gaps += count === 0 || gap ? 1 : 0;
    if (min !== undefined && mean !== undefined && max !== undefined) {
      summary.min = Math.min(summary.min ?? min, min);
      summary.max = Math.max(summary.max ?? max, max);
      sum += mean * count;
    }
  }
  if (summary.min !== undefined) {
    summary.mean = sum / summary.count;
  }
  return summary;
}
