import { describe, expect, it } from "vitest";

import type { BacklogSample } from "../../../api/model";
import { columnsOf, outagesOf, thinned } from "./course";

function sample(second: number, messages: number, up: boolean): BacklogSample {
  const at = new Date(second * 1000).toISOString();
  return { at, messages, bytes: messages * 10, in: { messages: 5, bytes: 50 }, out: { messages: up ? 9 : 0, bytes: 0 }, givenUp: 0, up };
}

const course = [sample(10, 0, true), sample(20, 50, false), sample(30, 100, false), sample(40, 20, true), sample(50, 5, false)];

describe("the course of a backlog", () => {
  it("has the columns of a chart", () => {
    expect(columnsOf(course)).toEqual([
      [10, 20, 30, 40, 50],
      [0, 50, 100, 20, 5],
      [5, 5, 5, 5, 5],
      [9, 0, 0, 9, 0],
    ]);
  });

  it("knows when the bridge was not connected, also when that goes on", () => {
    expect(outagesOf(course)).toEqual([
      [10, 40],
      [40, 50],
    ]);
    expect(outagesOf([sample(10, 0, true)])).toEqual([]);
  });

  it("is thinned with the last sample kept", () => {
    expect(thinned(course, 2).map((one) => one.messages)).toEqual([50, 5]);
    expect(thinned(course, 10)).toHaveLength(course.length);
  });
});
