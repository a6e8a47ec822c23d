// Why a value is as it is: from the wire over the device to the reading, the first link that does not hold is the cause.
import type { Config, ConnectionStatus, Quality, Reading, State, Status } from "../api/model";
import { durationMs } from "./duration";

export type Cause =
  | "gone"
  | "switchedOff"
  | "wire"
  | "silent"
  | "starting"
  | "none"
  | "refused"
  | "uncertain"
  | "stale"
  | "good";

export type Tone = "good" | "warn" | "bad" | "calm" | "off";

export interface Step {
  what: "connection" | "device" | "load" | "reading" | "age";
  tone: Tone;
  /** The name of the connection or device. */
  name?: string;
  state?: State;
  quality?: Quality;
  /** The gateway's own words. */
  reason?: string;
  /** Since when it is so, or when the value was on the wire. */
  since?: string;
  /** Share of the wire's time; milliseconds of the last poll; milliseconds between polls. */
  figure?: number;
}

export interface Explanation {
  cause: Cause;
  steps: Step[];
}

export interface Known {
  config: Config;
  status: Status;
  reading: Reading | undefined;
  device: string;
  point: string;
  now: number;
}

/** A value is old when it was not renewed for so many intervals, and some seconds beside. */
const staleIntervals = 3;
const graceMs = 5_000;
const busy = 0.9;

const toneOf: Readonly<Record<State, Tone>> = {
  starting: "calm",
  connecting: "calm",
  up: "good",
  degraded: "warn",
  down: "bad",
  stalled: "bad",
  idle: "calm",
  paused: "off",
  disabled: "off",
};

export function explain(known: Known): Explanation {
  const { config, status, reading } = known;
  const device = config.devices.find((one) => one.id === known.device);
  const point = device?.points.find((one) => one.id === known.point);
  if (!device || !point) {
    return { cause: "gone", steps: [] };
  }
  const wire = status.connections.find((one) => one.id === device.connection);
  const steps = [...wireSteps(config, wire), ...deviceSteps(wire, device.id, device.name), ...readingSteps(known)];
  const connection = config.connections.find((one) => one.id === device.connection);
  const off = Boolean(device.disabled || connection?.disabled);
  return { cause: off ? "switchedOff" : causeOf(steps, reading), steps };
}

function wireSteps(config: Config, wire: ConnectionStatus | undefined): Step[] {
  if (!wire) {
    return [];
  }
  const name = config.connections.find((one) => one.id === wire.id)?.name ?? wire.id;
  const steps: Step[] = [{ what: "connection", tone: toneOf[wire.state], name, state: wire.state, reason: wire.reason, since: wire.since }];
  if (wire.load > busy) {
    steps.push({ what: "load", tone: wire.load > 1 ? "bad" : "warn", name, figure: wire.load });
  }
  return steps;
}

function deviceSteps(wire: ConnectionStatus | undefined, id: string, name: string): Step[] {
  const own = wire?.devices.find((one) => one.id === id);
  return own ? [{ what: "device", tone: toneOf[own.state], name: name || id, state: own.state, reason: own.reason, since: own.since, figure: own.lastMs }] : [];
}

function readingSteps({ config, reading, device, now }: Known): Step[] {
  if (!reading) {
    return [];
  }
  const tones = { good: "good", uncertain: "warn", bad: "bad" } as const;
  const step: Step = { what: "reading", tone: tones[reading.quality], quality: reading.quality, reason: reading.reason, since: reading.time };
  const scanClass = config.devices.find((one) => one.id === device)?.scanClass;
  const interval = durationMs(config.scanClasses.find((one) => one.id === scanClass)?.interval) ?? 0;
  const old = interval > 0 && now - Date.parse(reading.time) > staleIntervals * interval + graceMs;
  return old ? [step, { what: "age", tone: "warn", since: reading.time, figure: interval }] : [step];
}

function causeOf(steps: readonly Step[], reading: Reading | undefined): Cause {
  const has = (what: Step["what"], tone: Tone) => steps.some((step) => step.what === what && step.tone === tone);
  if (reading?.quality === "good") {
    return has("age", "warn") ? "stale" : "good";
  }
  if (has("connection", "bad")) {
    return "wire";
  }
  if (has("device", "bad")) {
    return "silent";
  }
  if (!reading) {
    return has("device", "calm") || has("connection", "calm") ? "starting" : "none";
  }
  return reading.quality === "uncertain" ? "uncertain" : "refused";
}
