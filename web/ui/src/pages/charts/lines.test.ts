import { expect, test } from "vitest";

import type { Bucket } from "../../api/model";
import type { Row } from "../points/rows";
import { common, dataOf, inside, type Line, lookOf, looks, scaleOf, troubledOf } from "./lines";

const time = (second: number) => new Date(second * 1000).toISOString();
const value = (second: number, mean: number): Bucket => ({ time: time(second), min: mean, mean, max: mean, count: 1 });
const none = (from: number, to: number) => ({ trouble: "none" as const, from, to });
const line = (...buckets: Bucket[]): Line => ({ row: {} as Row, look: lookOf(0), scale: "unit ", buckets });

test("lines share the axis of time", () => {
  const data = dataOf([line(value(1, 10), value(3, 30)), line(value(2, 5), { time: time(3), count: 0 })]);
  expect(data.map((column) => [...column])).toEqual([
    [1, 2, 3],
    [10, undefined, 30],
    [10, undefined, 30],
    [10, undefined, 30],
    [undefined, 5, null],
    [undefined, 5, null],
    [undefined, 5, null],
  ]);
  expect(dataOf([])).toEqual([[]]);
});

test("what is not good is a stretch", () => {
  const now = 100_000_000;
  const buckets: Bucket[] = [value(200, 1), { time: time(210), count: 0, bad: true }, value(300, 2), { ...value(310, 3), uncertain: true }, value(320, 4), { time: time(330), count: 0 }, value(900, 5)];
  expect(troubledOf(buckets, { from: 0, to: 2_000_000 }, now)).toEqual([
    { trouble: "none", from: 0, to: 200_000 },
    { trouble: "bad", from: 210_000, to: 300_000 },
    { trouble: "uncertain", from: 310_000, to: 320_000 },
    { trouble: "none", from: 330_000, to: 900_000 },
    { trouble: "none", from: 900_000, to: 2_000_000 },
  ]);
});

test("what is still on its way to the disk is not missing", () => {
  expect(troubledOf([value(1000, 1)], { from: 1_000_000, to: 1_060_000 }, 1_060_000)).toEqual([]);
  expect(troubledOf([], { from: 0, to: 60_000 }, 60_000)).toEqual([{ trouble: "none", from: 0, to: 35_000 }]);
});

test("nothing was recorded of any line", () => {
  expect(common([[none(0, 10), none(20, 30)], [none(5, 25), { trouble: "bad", from: 25, to: 30 }]])).toEqual([
    { from: 5, to: 10 },
    { from: 20, to: 25 },
  ]);
  expect(common([[none(0, 10)]])).toMatchObject([{ from: 0, to: 10 }]);
  expect(common([])).toEqual([]);
});

test("units have scales, and looks differ in their dashes", () => {
  expect(scaleOf({ point: { type: "bool" } } as Row)).toBe("bool");
  expect(scaleOf({ point: { type: "float32", unit: "°C" } } as Row)).toBe("unit °C");
  expect(new Set(looks.map(({ dash }) => dash.join())).size).toBe(looks.length);
  expect(inside([value(1, 1), value(5, 1)], { from: 2000, to: 6000 })).toHaveLength(1);
});
