// What the picture of the flow shows, worked out from the status (pure).
import type { State, Status } from "../../api/model";
import type { Sample } from "../../live/store";
import { rate } from "../../lib/rates";

export interface Flow {
  devices: number;
  devicesUp: number;
  devicesState: State;
  clients: number;
  bridges: number;
  bridgesState: State;
  backlog: number;
  backlogBytes: number;
  /** Per second; undefined until two samples are there. */
  readings: number | undefined;
  messages: number | undefined;
  forwarded: number | undefined;
  /** How high the water stands in the queue, 0 to 1: logarithmic, so that 10 and 100,000 messages both show. */
  level: number;
}

const fullAt = 6;

export function flowOf(status: Status, history: readonly Sample[]): Flow {
  const devices = status.connections.flatMap((connection) => connection.devices);
  const backlog = status.bridges.reduce((sum, bridge) => sum + bridge.backlog.messages, 0);
  return {
    devices: devices.length,
    devicesUp: devices.filter((device) => device.state === "up").length,
    devicesState: together(devices.map((device) => device.state)),
    clients: status.broker.clients,
    bridges: status.bridges.length,
    bridgesState: together(status.bridges.map((bridge) => bridge.state)),
    backlog,
    backlogBytes: status.bridges.reduce((sum, bridge) => sum + bridge.backlog.bytes, 0),
    readings: rate(history, (sample) => sample.readings),
    messages: rate(history, (sample) => sample.messages),
    forwarded: rate(history, (sample) => sample.forwarded),
    level: Math.min(1, Math.log10(backlog + 1) / fullAt),
  };
}

/** together is one state for many: all down is down, some down is degraded. Disabled ones do not count. */
export function together(states: readonly State[]): State {
  const counting = states.filter((state) => state !== "disabled");
  if (counting.length === 0) {
    return "disabled";
  }
  for (const state of ["up", "down", "starting"] as const) {
    if (counting.every((one) => one === state)) {
      return state;
    }
  }
  return "degraded";
}
