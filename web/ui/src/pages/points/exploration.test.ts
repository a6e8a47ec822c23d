import { describe, expect, it } from "vitest";

import type { Device, Meaning, Place } from "../../api/model";
import { alike, keyOf, meaningsOf, rowsOfRange, toggled, withFinds } from "./exploration";

const float: Meaning = { type: "float32", byteOrder: "CDAB", value: 230.2, plausible: true };
const whole: Meaning = { type: "uint32", byteOrder: "ABCD", value: 858_997_606 };
const gap = (address: string, reason: string): Place => ({ address, raw: null, reason });
const zero = (address: string): Place => ({ address, raw: 0, meanings: [{ type: "uint16", value: 0 }] });
const place: Place = { address: "holding:72", raw: 13_107, meanings: [float, whole] };

describe("meaningsOf", () => {
  it("shows what looks measured, or all", () => {
    expect(meaningsOf(place, false)).toEqual([float]);
    expect(meaningsOf(place, true)).toEqual([float, whole]);
  });
  it("reads a bit as a truth", () => {
    expect(meaningsOf({ address: "coil:3", raw: 0 }, false)).toEqual([{ type: "bool", value: false }]);
  });
  it("has nothing for what could not be read", () => {
    expect(meaningsOf({ address: "coil:3", raw: null, reason: "no answer" }, true)).toEqual([]);
  });
});

describe("rowsOfRange", () => {
  it("puts refusals of a kind together", () => {
    const rows = rowsOfRange([gap("holding:0", "a"), place, gap("holding:73", "a"), gap("holding:74", "a"), gap("holding:75", "b")], false);
    expect(rows).toEqual([
      { from: "holding:0", to: "holding:0", reason: "a" },
      place,
      { from: "holding:73", to: "holding:74", reason: "a" },
      { from: "holding:75", to: "holding:75", reason: "b" },
    ]);
  });
});

it("puts places together that say nothing, until all is asked for", () => {
  const places = [zero("holding:0"), zero("holding:1"), place, zero("holding:73")];
  expect(rowsOfRange(places, false)).toEqual([{ from: "holding:0", to: "holding:1", reason: "" }, place, { from: "holding:73", to: "holding:73", reason: "" }]);
  expect(rowsOfRange(places, true)).toEqual(places);
});

describe("alike", () => {
  const at = (address: string): Place => ({ address, raw: 1, meanings: [float, whole] });
  const places = [at("holding:70"), at("holding:72"), at("holding:73"), at("holding:74"), { address: "holding:76", raw: 1, meanings: [whole] }];
  it("finds what is read in the same way, at whole distances and without overlap", () => {
    const ticked = toggled([], "holding:72", float);
    expect(alike(places, ticked, "holding:72").map(({ address }) => address)).toEqual(["holding:70", "holding:74"]);
    const wide = toggled(ticked, "holding:74", { type: "float64", byteOrder: "ABCD", value: 1, plausible: true });
    expect(alike(places, wide, "holding:72").map(({ address }) => address)).toEqual(["holding:70"]);
  });
  it("is for what was ticked", () => {
    expect(alike(places, [], "holding:72")).toEqual([]);
  });
});

describe("toggled", () => {
  it("keeps one way for a place, and none after the same again", () => {
    const one = toggled([], "holding:72", float);
    expect(one.map((find) => keyOf(find.address, find.meaning))).toEqual(["holding:72 float32 CDAB "]);
    const other = toggled(one, "holding:72", whole);
    expect(other.map((find) => find.meaning)).toEqual([whole]);
    expect(toggled(other, "holding:72", whole)).toEqual([]);
  });
});

describe("withFinds", () => {
  const device: Device = { id: "meter", name: "Meter", connection: "bus", unit: 1, scanClass: "normal", points: [] };
  it("makes a point with a free id for each", () => {
    const once = withFinds(device, [{ address: "holding:72", meaning: float, name: "Voltage L1" }]);
    const twice = withFinds(once, [{ address: "holding:74", meaning: whole, name: "Voltage L1" }]);
    expect(twice.points.map((point) => point.id)).toEqual(["voltage-l1", "voltage-l1-2"]);
    expect(twice.points[0]).toMatchObject({ address: "holding:72", type: "float32", byteOrder: "CDAB" });
    expect(twice.points[1]?.byteOrder).toBeUndefined();
    expect(device.points).toEqual([]);
  });
  it("falls back to the address", () => {
    const { points } = withFinds(device, [{ address: "holding:72", meaning: float, name: " " }]);
    expect(points[0]).toMatchObject({ id: "holding-72", name: "holding:72" });
  });
});
