import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { LiveStore } from "./store";
import { follow } from "./stream";

const status = { started: "2026-01-02T03:04:05Z", readings: 1, broker: { received: 1 }, bridges: [], connections: [] };
const visibleWithinMs = 3_000;

/** An event source whose events the test sends. */
class Source extends EventTarget {
  static readonly CLOSED = 2;
  static all: Source[] = [];
  readyState = 1;

  constructor(readonly url: string) {
    super();
    Source.all.push(this);
  }

  close() {
    this.readyState = Source.CLOSED;
  }

  send(type: string, data: unknown) {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data) }));
  }
}

function reading(point: string, value: number) {
  return { point: { device: "tank", point }, value, quality: "good", time: "2026-01-02T03:04:05Z" };
}

function last(): Source {
  const source = Source.all.at(-1);
  if (!source) {
    throw new Error("no stream was opened");
  }
  return source;
}

describe("the event stream", () => {
  let store: LiveStore;
  let end: () => void;
  const onRefused = vi.fn();

  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("EventSource", Source);
    Source.all = [];
    store = new LiveStore();
    end = follow({ url: "/events", store, onRefused });
  });

  afterEach(() => {
    end();
    vi.useRealTimers();
    vi.unstubAllGlobals();
    onRefused.mockReset();
  });

  it("says within 3 seconds that a silent stream is lost, and tries again", () => {
    last().send("status", status);
    expect(store.link).toBe("live");
    vi.advanceTimersByTime(visibleWithinMs);
    expect(store.link).toBe("lost");
    vi.advanceTimersByTime(visibleWithinMs);
    expect(Source.all.length).toBeGreaterThan(1);
    last().send("status", status);
    expect(store.link).toBe("live");
  });

  it("stays live while statuses come", () => {
    for (let second = 0; second < 10; second++) {
      last().send("status", status);
      vi.advanceTimersByTime(1_000);
    }
    expect(store.link).toBe("live");
    expect(Source.all).toHaveLength(1);
  });

  it("replaces everything by the snapshot of a new stream", () => {
    last().send("values", [reading("old", 1), reading("kept", 1)]);
    last().dispatchEvent(new Event("error"));
    vi.advanceTimersByTime(visibleWithinMs);
    last().send("values", [reading("kept", 2)]);
    expect(store.value("tank/old")).toBeUndefined();
    expect(store.value("tank/kept")?.value).toBe(2);
    last().send("values", [reading("new", 3)]);
    expect(store.value("tank/kept")?.value).toBe(2);
  });

  it("asks who is looking when the server refuses the stream", () => {
    last().close();
    last().dispatchEvent(new Event("error"));
    expect(onRefused).toHaveBeenCalledOnce();
    expect(store.link).toBe("lost");
  });

  it("opens nothing after its end", () => {
    end();
    vi.advanceTimersByTime(60_000);
    expect(Source.all).toHaveLength(1);
    expect(last().readyState).toBe(Source.CLOSED);
  });
});
