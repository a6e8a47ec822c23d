import { expect, test } from "vitest";

import { firstView, longest, pan, readView, shortest, spans, stretchOf, viewOf, writeView, zoom } from "./view";

const now = Date.UTC(2026, 9, 25, 12);
const hour = spans.hour;

test("a view goes up to now or ends", () => {
  expect(stretchOf(firstView, now)).toEqual({ from: now - hour, to: now });
  expect(stretchOf({ span: hour, end: now - 5 * hour }, now)).toEqual({ from: now - 6 * hour, to: now - 5 * hour });
});

test("zooming keeps the place", () => {
  const past = { span: 4 * hour, end: now - 10 * hour };
  expect(zoom(past, 0.5, now)).toEqual({ span: 2 * hour, end: now - 11 * hour });
  expect(zoom(past, 0.5, now, 0)).toEqual({ span: 2 * hour, end: now - 12 * hour });
  expect(zoom(past, 2, now, 1)).toEqual({ span: 8 * hour, end: now - 10 * hour });
  expect(zoom(firstView, 2, now, 1)).toEqual({ span: 2 * hour, end: undefined });
});

test("zooming has ends", () => {
  expect(zoom(firstView, 1e-9, now).span).toBe(shortest);
  expect(zoom(firstView, 1e9, now).span).toBe(longest);
});

test("panning stops at now and follows it from there", () => {
  const back = pan(firstView, -0.5, now);
  expect(back).toEqual({ span: hour, end: now - hour / 2 });
  expect(pan(back, 2, now)).toEqual(firstView);
  expect(pan(firstView, 1, now)).toEqual(firstView);
});

test("a stretch that is too short is made longer around its middle", () => {
  expect(viewOf({ from: now - hour, to: now - hour + 1000 }, now)).toEqual({ span: shortest, end: now - hour + 500 + shortest / 2 });
});

test("an address says the same again", () => {
  for (const view of [firstView, { span: spans.year, end: undefined }, { span: 90 * 60_000, end: undefined }, { span: hour, end: now - 7 }]) {
    const { span, from, to } = writeView(view);
    expect(readView({ ...(span ? { span } : {}), ...(from ? { from } : {}), ...(to ? { to } : {}) })).toEqual(view);
  }
});

test("an address that makes no sense is the last hour", () => {
  for (const params of [{}, { span: "century" }, { span: "-5s" }, { span: "90" }, { from: "x", to: "y" }, { from: "2026-01-02T00:00:00Z", to: "2026-01-01T00:00:00Z" }]) {
    expect(readView(params)).toEqual(firstView);
  }
});
