// What the wizard knows from step to step (pure).
import type { Config, Connection, DeviceBatch, FoundUnit, Identified, Point, ProfileSummary } from "../../api/model";
import type { Address } from "../../lib/address";
import { parseAddress } from "../../lib/address";
import { devicesOf, unitsOf } from "./batch";

/** Choices beside the ids of profiles. */
export const empty = "";
export const sunSpec = "*sunspec";

/** What the page of points has in its address while registers are explored. */
export const exploring = "?";

export interface Wizard {
  connection: Connection;
  /** The connection is new or was changed. */
  changed: boolean;
  units: string;
  found: readonly FoundUnit[];
  identified: Identified | undefined;
  /** The id of a profile, empty or sunSpec. */
  choice: string;
  pattern: string;
  scanClass: string;
}

/** suggested is what an identification points to: the profile that fits, else the SunSpec map, else nothing. */
export function suggested(identified: Identified): string {
  return identified.profiles[0]?.id ?? (identified.sunSpec ? sunSpec : empty);
}

/** patternOf is how devices are called until somebody says otherwise. */
export function patternOf(wizard: Wizard, profiles: readonly ProfileSummary[], fallback: string): string {
  const profile = profiles.find((one) => one.id === wizard.choice);
  const map = wizard.choice === sunSpec ? wizard.identified?.sunSpec : undefined;
  return `${profile?.name ?? (map ? `${map.manufacturer} ${map.model}`.trim() : fallback)} {unit}`;
}

/** pointsOf are the points that the devices get without a profile. */
export function pointsOf(wizard: Wizard): Point[] {
  return wizard.choice === sunSpec ? (wizard.identified?.sunSpec?.points ?? []) : [];
}

/** batchOf is what is sent. */
export function batchOf(config: Config, wizard: Wizard): DeviceBatch {
  const devices = devicesOf(config, unitsOf(wizard.units) ?? [], wizard.pattern, wizard.connection.id, wizard.scanClass);
  const byProfile = wizard.choice !== empty && wizard.choice !== sunSpec;
  return {
    revision: config.revision,
    devices,
    ...(wizard.changed ? { connection: wizard.connection } : {}),
    ...(byProfile ? { profile: { id: wizard.choice, version: 0 } } : { points: pointsOf(wizard) }),
  };
}

/** presetsOf are the line settings that profiles come from the factory with, the most frequent first. */
export function presetsOf(profiles: readonly ProfileSummary[]): { label: string; settings: Pick<Address, "baud" | "parity" | "stop"> }[] {
  const counts = new Map<string, { label: string; settings: Pick<Address, "baud" | "parity" | "stop">; count: number }>();
  const usual = { baud: 9600, parity: "N", stopBits: 1 };
  for (const { line } of [{ line: usual }, { line: { baud: 19_200, parity: "E", stopBits: 1 } }, ...profiles]) {
    if (line?.baud === undefined || !(line.parity === "N" || line.parity === "E" || line.parity === "O")) {
      continue;
    }
    const stop = line.stopBits ?? 1;
    const label = `${line.baud} 8${line.parity}${stop}`;
    const entry = counts.get(label) ?? { label, settings: { baud: line.baud, parity: line.parity, stop }, count: 0 };
    entry.count++;
    counts.set(label, entry);
  }
  return [...counts.values()].toSorted((a, b) => b.count - a.count);
}

/** settingsOf are those of a line that answered. */
export function settingsOf(url: string): Pick<Address, "baud" | "parity" | "stop" | "data"> {
  const { baud, parity, stop, data } = parseAddress(url);
  return { baud, parity, stop, data };
}

