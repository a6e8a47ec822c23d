import { expect, it } from "vitest";

import type { Config, Identified, ProfileSummary } from "../../api/model";
import { batchOf, empty, patternOf, presetsOf, sunSpec, suggested, type Wizard } from "./wizard";

const config = { revision: 7, devices: [] } as unknown as Config;
const map = { address: 40_000, manufacturer: "Maker", model: "Roof", models: [], points: [{ id: "W" }] };
const wizard: Wizard = {
  connection: { id: "bus", name: "Bus", url: "tcp://10.0.0.1:502", timeout: "1s" },
  changed: true,
  units: "1-30",
  found: [],
  identified: { identification: [], profiles: [], sunSpec: map } as unknown as Identified,
  choice: "meter",
  pattern: "Meter {unit}",
  scanClass: "normal",
};
const profiles = [
  { id: "meter", name: "Maker Meter", line: { baud: 19_200, parity: "E", stopBits: 1 } },
  { id: "probe", name: "Probe", line: { baud: 19_200, parity: "E" } },
  { id: "other", name: "Other", line: {} },
] as unknown as ProfileSummary[];

it("sends thirty devices with a profile in one request", () => {
  const batch = batchOf(config, wizard);
  expect(batch.devices).toHaveLength(30);
  expect(batch.devices[29]).toEqual({ id: "meter-30", name: "Meter 30", connection: "bus", unit: 30, scanClass: "normal" });
  expect(batch).toMatchObject({ revision: 7, profile: { id: "meter", version: 0 }, connection: { id: "bus" } });
  expect(batch.points).toBeUndefined();
});

it("sends points where there is no profile, and no connection that is known", () => {
  expect(batchOf(config, { ...wizard, choice: sunSpec, changed: false })).toMatchObject({ points: [{ id: "W" }] });
  expect(batchOf(config, { ...wizard, choice: sunSpec, changed: false }).connection).toBeUndefined();
  expect(batchOf(config, { ...wizard, choice: empty }).points).toEqual([]);
});

it("suggests what a device says that it is", () => {
  expect(suggested({ identification: [], profiles: [{ id: "meter", version: 1 }] })).toBe("meter");
  expect(suggested(wizard.identified as Identified)).toBe(sunSpec);
  expect(suggested({ identification: [], profiles: [] })).toBe(empty);
});

it("names devices after what they are", () => {
  expect(patternOf(wizard, profiles, "Device")).toBe("Maker Meter {unit}");
  expect(patternOf({ ...wizard, choice: sunSpec }, profiles, "Device")).toBe("Maker Roof {unit}");
  expect(patternOf({ ...wizard, choice: empty }, profiles, "Device")).toBe("Device {unit}");
});

it("offers the settings of known devices, the most frequent first", () => {
  expect(presetsOf(profiles).map((one) => one.label)).toEqual(["19200 8E1", "9600 8N1"]);
});
