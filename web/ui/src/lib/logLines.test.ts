import { expect, it } from "vitest";

import type { LogLine } from "../api/model";
import { merged } from "./logLines";

const line = (number: number): LogLine => ({ number, time: "2026-01-02T03:04:05Z", level: "info", message: "line" });
const numbers = (lines: readonly LogLine[]) => lines.map(({ number }) => number);

it("puts new lines of the log behind the known ones, and begins anew after a restart", () => {
  expect(numbers(merged([line(1)], [line(2), line(3)]))).toEqual([1, 2, 3]);
  expect(numbers(merged([line(8), line(9)], [line(1)]))).toEqual([1]);
  expect(numbers(merged([line(1)], []))).toEqual([1]);
});
