// What is unusual about a device and its wire: between the form and what is sent (pure).
import type { Connection, Device } from "../../api/model";
import type { Address } from "../../lib/address";

type Optional = number | "";

export interface HabitValues {
  staleAfter: Optional;
  pauseAfterConnect: string;
  closeAfterPoll: boolean;
  maxRegisters: Optional;
  maxBits: Optional;
  onePerPoint: boolean;
  pause: string;
  /** 0 goes by the table. */
  readFunction: string;
  addressBase: string;
  anyUnit: boolean;
}

export function habitsOf(connection: Connection | undefined, device: Device | undefined): HabitValues {
  return {
    staleAfter: connection?.staleAfter || "",
    pauseAfterConnect: connection?.quirks?.pauseAfterConnect ?? "",
    closeAfterPoll: connection?.quirks?.closeAfterPoll ?? false,
    maxRegisters: device?.quirks?.maxRegisters || "",
    maxBits: device?.quirks?.maxBits || "",
    onePerPoint: device?.quirks?.onePerPoint ?? false,
    pause: device?.quirks?.pause ?? "",
    readFunction: String(device?.quirks?.readFunction ?? 0),
    addressBase: String(device?.quirks?.addressBase ?? 0),
    anyUnit: device?.quirks?.anyUnit ?? false,
  };
}

/** wireHabits are those of the connection; what has its default is left out. */
export function wireHabits(values: HabitValues): Pick<Connection, "staleAfter" | "quirks"> {
  return {
    staleAfter: values.staleAfter || undefined,
    quirks: someOf({ pauseAfterConnect: values.pauseAfterConnect.trim() || undefined, closeAfterPoll: values.closeAfterPoll || undefined }),
  };
}

/** quirksOf are the habits of the device; undefined when it has none. */
export function quirksOf(values: HabitValues): Device["quirks"] {
  return someOf({
    maxRegisters: values.maxRegisters || undefined,
    maxBits: values.maxBits || undefined,
    onePerPoint: values.onePerPoint || undefined,
    pause: values.pause.trim() || undefined,
    readFunction: Number(values.readFunction) || undefined,
    addressBase: Number(values.addressBase) || undefined,
    anyUnit: values.anyUnit || undefined,
  });
}

function someOf<T extends object>(all: T): T | undefined {
  return Object.values(all).some((value) => value !== undefined) ? all : undefined;
}

/** ownHabits are those of the device alone, whatever its wire is. */
export function ownHabits(values: HabitValues): Partial<HabitValues> {
  const { maxRegisters, maxBits, onePerPoint, pause, readFunction, addressBase, anyUnit } = values;
  return { maxRegisters, maxBits, onePerPoint, pause, readFunction, addressBase, anyUnit };
}

/** sameHabits says whether a connection has these already. */
export function sameHabits(connection: Connection, values: HabitValues): boolean {
  return JSON.stringify(wireHabits(values)) === JSON.stringify(wireHabits(habitsOf(connection, undefined)));
}

export interface Carrier {
  kind: "tcp" | "tls" | "udp" | "listen";
  /** What is before the colon in the address. */
  scheme: string;
}

/** carriersOf are the kinds of network connection that a protocol can have, the usual one first. */
export function carriersOf(protocol: Address["protocol"]): Carrier[] {
  if (protocol === "tcp") {
    return [{ kind: "tcp", scheme: "tcp" }, { kind: "tls", scheme: "tls" }, { kind: "listen", scheme: "tcp+listen" }];
  }
  const common: Carrier[] = [{ kind: "tcp", scheme: `${protocol}+tcp` }, { kind: "listen", scheme: `${protocol}+listen` }];
  return protocol === "rtu" ? [...common, { kind: "udp", scheme: "rtu+udp" }] : common;
}
