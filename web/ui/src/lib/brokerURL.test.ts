import { expect, it } from "vitest";

import { completed, isTemplate } from "./brokerURL";

it.each([
  ["localhost", "mqtts://YOUR-BROKER:8883", "mqtts://localhost:8883"],
  [" 10.0.0.7 ", "mqtts://YOUR-BROKER:8883", "mqtts://10.0.0.7:8883"],
  ["broker.example:9000", "mqtts://YOUR-BROKER:8883", "mqtts://broker.example:9000"],
  ["plant", "mqtts://YOUR-HUB.azure-devices.net:8883", "mqtts://plant.azure-devices.net:8883"],
  ["plant.azure-devices.net", "mqtts://YOUR-HUB.azure-devices.net:8883", "mqtts://plant.azure-devices.net:8883"],
  ["ws://host/mqtt", "mqtts://YOUR-BROKER:8883", "ws://host/mqtt"],
  ["", "mqtts://YOUR-BROKER:8883", ""],
])("completes %o of %s", (typed, template, want) => {
  expect(completed(typed, template)).toBe(want);
});

it("knows what is to be filled in", () => {
  expect(isTemplate("mqtts://YOUR-HUB.azure-devices.net")).toBe(true);
  expect(isTemplate("mqtts://thingsboard.cloud:8883")).toBe(false);
});
