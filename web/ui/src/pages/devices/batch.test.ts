import { expect, it } from "vitest";

import type { Config } from "../../api/model";
import { devicesOf, textOfUnits, unitsOf } from "./batch";

it.each([
  ["1-3, 7", [1, 2, 3, 7]],
  ["5", [5]],
  ["3,1,2-2", [1, 2, 3]],
  ["", undefined],
  ["1-", undefined],
  ["9-3", undefined],
  ["250-256", undefined],
  ["one", undefined],
])("reads %j", (text, units) => {
  expect(unitsOf(text)).toEqual(units);
});

it("writes what it reads", () => {
  expect(textOfUnits([7, 1, 2, 3, 9, 10])).toBe("1-3, 7, 9-10");
  expect(unitsOf(textOfUnits([4, 5, 6, 200]))).toEqual([4, 5, 6, 200]);
});

const config = { devices: [{ id: "meter-2" }] } as unknown as Config;

it("names devices after their units", () => {
  const devices = devicesOf(config, [1, 2], "Meter {unit}", "bus", "normal");
  expect(devices).toEqual([
    { id: "meter-1", name: "Meter 1", connection: "bus", unit: 1, scanClass: "normal" },
    { id: "meter-2-2", name: "Meter 2", connection: "bus", unit: 2, scanClass: "normal" },
  ]);
  expect(devicesOf(config, [8, 9], "Hall", "bus", "normal").map((one) => one.name)).toEqual(["Hall 8", "Hall 9"]);
  expect(devicesOf(config, [8], "Hall", "bus", "normal")[0]?.name).toBe("Hall");
  expect(devicesOf(config, [8, 9], "Floor {n}", "bus", "normal").map((one) => one.id)).toEqual(["floor-1", "floor-2"]);
});
