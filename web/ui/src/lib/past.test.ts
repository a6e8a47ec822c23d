import { expect, test } from "vitest";

import type { Bucket } from "../api/model";
import { columnsOf, lonely, summaryOf } from "./past";

const time = (second: number) => new Date(second * 1000).toISOString();
const buckets: Bucket[] = [
  { time: time(10), min: 1, mean: 2, max: 3, count: 3, gap: true },
  { time: time(20), min: 5, mean: 5, max: 5, count: 1 },
  { time: time(25), count: 0 },
  { time: time(60), min: 0, mean: 0, max: 0, count: 1 },
  { time: time(70), count: 0 },
];

test("a gap is a null", () => {
  const [times, min, max, mean] = columnsOf(buckets);
  expect(times).toEqual([10, 20, 25, 60, 70]);
  expect(min).toEqual([1, 5, null, 0, null]);
  expect(max).toEqual([3, 5, null, 0, null]);
  expect(lonely(mean)).toEqual([3]);
  expect(lonely([1, undefined, 2, null, undefined, 3, undefined, null, 4])).toEqual([5, 8]);
});

test("the summary weighs by the number of readings", () => {
  expect(summaryOf(buckets)).toEqual({ count: 5, gaps: 3, min: 0, mean: 11 / 5, max: 5 });
  expect(summaryOf([{ time: time(1), text: "run", count: 1 }])).toEqual({ count: 1, gaps: 0 });
});

test("texts are not drawn", () => {
  expect(columnsOf([{ time: time(1), text: "run", count: 1 }])).toEqual([[], [], [], []]);
});
