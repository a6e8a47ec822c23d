import { describe, expect, it } from "vitest";

import type { Config, Quality, Reading, State, Status } from "../api/model";
import { durationMs } from "./duration";
import { type Cause, explain } from "./why";

const now = Date.parse("2026-01-02T03:05:00Z");
const since = "2026-01-02T03:04:00Z";

const config = {
  scanClasses: [{ id: "fast", interval: "1s" }],
  connections: [{ id: "bus", name: "Bus" }],
  devices: [{ id: "tank", name: "Tank", connection: "bus", scanClass: "fast", points: [{ id: "level" }] }],
} as unknown as Config;

function status(wire: State, device: State, load = 0.1): Status {
  const devices = [{ id: "tank", state: device, reason: device === "up" ? undefined : "no answer", since, lastMs: 12 }];
  return { connections: [{ id: "bus", state: wire, reason: "cable", since, load, devices }] } as unknown as Status;
}

function reading(quality: Quality, secondsAgo = 1): Reading {
  return { point: { device: "tank", point: "level" }, value: null, quality, reason: "why", time: new Date(now - secondsAgo * 1000).toISOString() };
}

describe("why a value is bad", () => {
  it.each<[Cause, State, State, Reading | undefined]>([
    ["good", "up", "up", reading("good")],
    ["stale", "up", "up", reading("good", 60)],
    ["wire", "down", "down", reading("bad")],
    ["silent", "degraded", "down", reading("bad")],
    ["refused", "up", "up", reading("bad")],
    ["uncertain", "up", "up", reading("uncertain")],
    ["starting", "starting", "starting", undefined],
    ["none", "up", "up", undefined],
  ])("is %s", (cause, wire, device, latest) => {
    expect(explain({ config, status: status(wire, device), reading: latest, device: "tank", point: "level", now }).cause).toBe(cause);
  });

  it("is that the point is gone, or its device is switched off", () => {
    const known = { status: status("up", "up"), reading: reading("bad"), device: "tank", point: "level", now };
    expect(explain({ ...known, config, point: "other" }).cause).toBe("gone");
    const off = { ...config, devices: config.devices.map((device) => ({ ...device, disabled: true })) };
    expect(explain({ ...known, config: off }).cause).toBe("switchedOff");
  });

  it("goes from the wire to the reading, with a wire that is too busy", () => {
    const { steps } = explain({ config, status: status("up", "up", 1.2), reading: reading("bad"), device: "tank", point: "level", now });
    expect(steps.map(({ what, tone }) => `${what} ${tone}`)).toEqual(["connection good", "load bad", "device good", "reading bad"]);
  });
});

it("reads lengths of time", () => {
  expect(["1s", "1m30s", "500ms", "1h", "", "soon"].map(durationMs)).toEqual([1000, 90_000, 500, 3_600_000, undefined, undefined]);
});
