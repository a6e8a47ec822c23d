import { describe, expect, it } from "vitest";

import { rate, rateSeries } from "./rates";

const samples = [0, 1, 2, 3, 4, 5, 6, 7].map((second) => ({ at: second * 1000, count: second * 10 }));
const count = (sample: { count: number }) => sample.count;

describe("rate", () => {
  it("is the growth per second", () => {
    expect(rate(samples, count)).toBe(10);
  });

  it("says nothing where nothing is known", () => {
    expect(rate([], count)).toBeUndefined();
    expect(rate(samples.slice(0, 1), count)).toBeUndefined();
    expect(rate([{ at: 0, count: 50 }, { at: 1000, count: 3 }], count)).toBeUndefined();
  });

  it("has one value for each sample of a chart", () => {
    expect(rateSeries(samples, count)).toEqual([null, 10, 10, 10, 10, 10, 10, 10]);
  });
});
