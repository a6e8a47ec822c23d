import { describe, expect, it, vi } from "vitest";

import type { Reading, Status } from "../api/model";
import { LiveStore, pointKey } from "./store";

const reading = (point: string, value: number) =>
  ({ point: { device: "tank", point }, value, quality: "good", time: "2026-01-01T00:00:00Z" }) as unknown as Reading;

const status = (started: string, readings: number) =>
  ({ started, readings, bridges: [], connections: [], broker: { received: readings } }) as unknown as Status;

describe("LiveStore", () => {
  it("tells who follows a point, and nobody else", () => {
    const store = new LiveStore();
    const level = vi.fn();
    const flow = vi.fn();
    store.subscribe(pointKey("tank", "level"), level);
    store.subscribe(pointKey("tank", "flow"), flow);
    store.takeValues([reading("level", 1)]);
    expect(level).toHaveBeenCalledTimes(1);
    expect(flow).not.toHaveBeenCalled();
  });

  it("drops what a new snapshot does not have", () => {
    const store = new LiveStore();
    store.takeValues([reading("level", 1), reading("flow", 2)]);
    store.opened();
    store.takeValues([reading("level", 3)]);
    expect(store.value("tank/flow")).toBeUndefined();
    expect(store.value("tank/level")?.value).toBe(3);
  });

  it("begins its history anew when the gateway was started again", () => {
    const store = new LiveStore();
    store.takeStatus(status("a", 100), 0, 0);
    store.takeStatus(status("a", 200), 1000, 1);
    expect(store.history).toHaveLength(2);
    store.takeStatus(status("b", 5), 2000, 2);
    expect(store.history.map((sample) => sample.readings)).toEqual([5]);
  });
});
