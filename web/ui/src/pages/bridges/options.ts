// Outage storage and link of the form of a bridge, in the units that people type.
import type { Bridge } from "../../api/model";
import { durationMs } from "../../lib/duration";

type Storage = NonNullable<Bridge["storage"]>;
type Link = NonNullable<Bridge["link"]>;
type Hours = NonNullable<Link["hours"]>[number];

const hourMs = 3_600_000;
const gigabyte = 1e9;
const thinOutDefault = "1m0s";

export interface StorageValues {
  hours: number | "";
  gigabytes: number | "";
  overflow: NonNullable<Storage["overflow"]>;
  qos0: boolean;
}

export interface LinkValues {
  backup: string;
  start: NonNullable<Link["start"]>;
  /** "22:00-06:00 mon tue; 12:00-13:00" */
  hours: string;
  probeTopic: string;
}

export function storageValues(storage: Storage | undefined): StorageValues {
  return {
    hours: (durationMs(storage?.maxAge) ?? 0) / hourMs || "",
    gigabytes: (storage?.maxBytes ?? 0) / gigabyte || "",
    overflow: storage?.overflow || "drop-oldest",
    qos0: Boolean(storage?.qos0),
  };
}

/** present leaves out what is undefined, and itself when nothing is left. */
export function present<T extends object>(values: T): T | undefined {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return entries.length > 0 ? (Object.fromEntries(entries) as T) : undefined;
}

/** storageOf keeps what the form does not show. */
export function storageOf({ hours, gigabytes, overflow, qos0 }: StorageValues, stored: Storage | undefined): Storage | undefined {
  return present({
    ...stored,
    maxAge: hours === "" ? undefined : `${Math.round((hours * hourMs) / 1000)}s`,
    maxBytes: gigabytes === "" ? undefined : Math.round(gigabytes * gigabyte),
    overflow: overflow === "drop-oldest" ? undefined : overflow,
    thinOut: overflow === "thin-out" ? (stored?.thinOut ?? thinOutDefault) : undefined,
    qos0: qos0 || undefined,
  });
}

export function linkValues(link: Link | undefined): LinkValues {
  return { backup: link?.backup ?? "", start: link?.start || "always", hours: hoursText(link?.hours ?? []), probeTopic: link?.probeTopic ?? "" };
}

/** linkOf keeps what the form does not show. */
export function linkOf({ backup, start, hours, probeTopic }: LinkValues, stored: Link | undefined): Link | undefined {
  return present({
    ...stored,
    backup: backup.trim() || undefined,
    start: start === "always" ? undefined : start,
    hours: start === "schedule" ? hoursOf(hours) : undefined,
    probeTopic: probeTopic.trim() || undefined,
  });
}

export function hoursText(hours: readonly Hours[]): string {
  return hours.map(({ from, to, days }) => [`${from}-${to}`, ...(days ?? [])].join(" ")).join("; ");
}

/** hoursOf reads what was typed; what it does not understand the server refuses with its place. */
export function hoursOf(text: string): Hours[] {
  return text
    .split(";")
    .map((part) => part.trim().split(/[\s,]+/))
    .filter(([span]) => span !== "")
    .map(([span = "", ...days]) => {
      const [from = "", to = ""] = span.split("-");
      return { from, to, days: days.length > 0 ? days.map((day) => day.toLowerCase()) : undefined };
    });
}
