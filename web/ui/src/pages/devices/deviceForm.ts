// Between the form of a device and what is sent (pure).
import type { Config, Connection, Device, Point } from "../../api/model";
import { type Address, emptyAddress, formatAddress, parseAddress, placeOf, usesNetwork } from "../../lib/address";
import { freeID, slug } from "../../lib/slug";
import { habitsOf, type HabitValues, quirksOf, sameHabits, wireHabits } from "./habits";

export const newWire = "+";

export interface DeviceValues extends Address, HabitValues {
  name: string;
  id: string;
  /** The id of the connection in use, or newWire. */
  wire: string;
  timeout: string;
  unit: number;
  scanClass: string;
  enabled: boolean;
  probeAddress: string;
}

export function valuesOf(config: Config, device: Device | undefined): DeviceValues {
  const connection = config.connections.find((one) => one.id === device?.connection);
  return {
    ...(connection ? parseAddress(connection.url) : emptyAddress()),
    name: device?.name ?? "",
    id: device?.id ?? "",
    wire: connection?.id ?? newWire,
    timeout: connection?.timeout || "1s",
    unit: device?.unit ?? 1,
    scanClass: device?.scanClass ?? config.scanClasses.find((one) => one.id === "normal")?.id ?? config.scanClasses[0]?.id ?? "",
    enabled: !device?.disabled,
    probeAddress: "holding:0",
    ...habitsOf(connection, device),
  };
}

/** connectionOf is the wire of the form: a known one by its id or its address, else a new one named after its place. */
export function connectionOf(config: Config, values: DeviceValues): { connection: Connection; changed: boolean } {
  const url = formatAddress(values);
  const known =
    config.connections.find((one) => one.id === values.wire) ??
    config.connections.find((one) => formatAddress(parseAddress(one.url)) === url);
  if (known && values.wire === newWire) {
    return { connection: known, changed: false };
  }
  if (known) {
    const stays = formatAddress(parseAddress(known.url)) === url;
    const same = stays && (known.timeout || "1s") === values.timeout && sameHabits(known, values);
    const next = { ...known, url: stays ? known.url : url, timeout: values.timeout, ...wireHabits(values) };
    return same ? { connection: known, changed: false } : { connection: next, changed: true };
  }
  const place = usesNetwork(values) ? `${values.host}-${values.port}` : (values.path.split("/").at(-1) ?? "");
  const id = freeID(slug(place) || "wire", config.connections.map((one) => one.id));
  return { connection: { id, name: placeOf(url), url, timeout: values.timeout, ...wireHabits(values) }, changed: true };
}

/** deviceOf keeps of the device as it was what the form does not show. */
export function deviceOf(values: DeviceValues, connection: string, former: Device | undefined, points: readonly Point[]): Device {
  return {
    id: values.id,
    name: values.name || values.id,
    connection,
    unit: values.unit,
    scanClass: values.scanClass,
    points: [...points],
    quirks: quirksOf(values),
    profile: former?.profile,
    disabled: values.enabled ? undefined : true,
  };
}

/** probeOf is what a test reads of a device that has no points yet. */
export function probeOf(values: DeviceValues): Point {
  return values.protocol === "line"
    ? { id: "probe", name: "", address: "regex:(.+)", type: "string", length: 80, mapping: {} }
    : { id: "probe", name: "", address: values.probeAddress, type: "uint16", mapping: {} };
}

/** The form's fields by the server's names. */
export function fieldsOf(values: DeviceValues) {
  return {
    "device.id": "id",
    "device.name": "name",
    "device.unit": "unit",
    "device.scanClass": "scanClass",
    "device.point.address": "probeAddress",
    "connection.url": usesNetwork(values) ? "host" : "path",
    "connection.timeout": "timeout",
    "connection.staleAfter": "staleAfter",
    "connection.quirks.pauseAfterConnect": "pauseAfterConnect",
    "device.quirks.maxRegisters": "maxRegisters",
    "device.quirks.maxBits": "maxBits",
    "device.quirks.pause": "pause",
    "device.quirks.readFunction": "readFunction",
    "device.quirks.addressBase": "addressBase",
    url: usesNetwork(values) ? "host" : "path",
  };
}
