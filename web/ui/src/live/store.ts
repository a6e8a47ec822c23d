// The store holds what the event stream said last: the latest reading of each point, the status, a few minutes of
// history for rates and the chart. It knows nothing of React or the network.
import type { Reading, Status } from "../api/model";

/** live: events arrive. lost: they did and do no more. connecting: none has come yet. */
export type Link = "connecting" | "live" | "lost";

/** One status with the time of its arrival (monotonic milliseconds, and wall time in seconds for the chart). */
export interface Sample {
  at: number;
  time: number;
  readings: number;
  messages: number;
  forwarded: number;
  backlog: number;
  bridges: Readonly<Record<string, number>>;
}

/** Ten minutes at one status a second. */
export const historyLength = 600;

type Listener = () => void;

export function pointKey(device: string, point: string): string {
  return `${device}/${point}`;
}

export class LiveStore {
  #values = new Map<string, Reading>();
  #listeners = new Map<string, Set<Listener>>();
  #snapshotNext = true;
  status: Status | undefined;
  history: readonly Sample[] = [];
  link: Link = "connecting";

  value(key: string): Reading | undefined {
    return this.#values.get(key);
  }

  /** subscribe follows a point by its key, or one of "status" and "link"; the result ends it. */
  subscribe(topic: string, listener: Listener): () => void {
    const set = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, set.add(listener));
    return () => {
      set.delete(listener);
      if (set.size === 0 && this.#listeners.get(topic) === set) {
        this.#listeners.delete(topic);
      }
    };
  }

  /** opened says that a new stream begins: the next values are a snapshot and replace everything. */
  opened(): void {
    this.#snapshotNext = true;
  }

  setLink(link: Link): void {
    if (link !== this.link) {
      this.link = link;
      this.#notify("link");
    }
  }

  takeValues(readings: readonly Reading[]): void {
    const gone = new Set<string>();
    if (this.#snapshotNext) {
      this.#snapshotNext = false;
      for (const key of this.#values.keys()) {
        gone.add(key);
      }
      this.#values = new Map();
    }
    for (const reading of readings) {
      const key = pointKey(reading.point.device, reading.point.point);
      this.#values.set(key, reading);
      gone.delete(key);
      this.#notify(key);
    }
    for (const key of gone) {
      this.#notify(key);
    }
  }

  takeStatus(status: Status, at: number, time: number): void {
    const sample = sampleOf(status, at, time);
    const last = this.history.at(-1);
    // Counters start again when the gateway does; rates across that would be nonsense.
    const restarted = last !== undefined && this.status?.started !== status.started;
    this.history = restarted ? [sample] : [...this.history.slice(-(historyLength - 1)), sample];
    this.status = status;
    this.#notify("status");
  }

  #notify(topic: string): void {
    for (const listener of this.#listeners.get(topic) ?? []) {
      listener();
    }
  }
}

function sampleOf(status: Status, at: number, time: number): Sample {
  const { bridges } = status;
  return {
    at,
    time,
    readings: status.readings,
    messages: status.broker.received,
    forwarded: bridges.reduce((sum, bridge) => sum + bridge.forwarded, 0),
    backlog: bridges.reduce((sum, bridge) => sum + bridge.backlog.messages, 0),
    bridges: Object.fromEntries(bridges.map((bridge) => [bridge.id, bridge.forwarded])),
  };
}
