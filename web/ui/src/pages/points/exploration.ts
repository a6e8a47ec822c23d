// What becomes of registers that somebody has found (pure).
import type { Device, Meaning, Place, Point } from "../../api/model";
import { freeID, slug } from "../../lib/slug";

/** A Find is a way to read a place that somebody has ticked, with the name that it gets. */
export interface Find {
  address: string;
  meaning: Meaning;
  name: string;
}

export const tables = ["holding", "input", "coil", "discrete"] as const;

/** isBits: a place of the table is one bit, which has one meaning. */
export const isBits = (table: string) => table === "coil" || table === "discrete";

/** keyOf tells the ways to read one place apart. */
export const keyOf = (address: string, meaning: Meaning) => [address, meaning.type, meaning.byteOrder ?? "", meaning.length ?? ""].join(" ");

/** meaningsOf are the ways to show: those that look measured, or all; a bit is true or false. */
export function meaningsOf(place: Place, all: boolean): readonly Meaning[] {
  if (place.raw === null || place.raw === undefined) {
    return [];
  }
  if (isBits(place.address.split(":")[0] ?? "")) {
    return [{ type: "bool", value: place.raw === 1 }];
  }
  return (place.meanings ?? []).filter((meaning) => all || meaning.plausible);
}

/** A Gap is a run of places that could not be read for the same reason, or that say nothing: then the reason is empty. */
export interface Gap {
  from: string;
  to: string;
  reason: string;
}

/** rowsOfRange puts neighbours together that could not be read, or have no way to show, so that each run is one row. */
export function rowsOfRange(places: readonly Place[], all: boolean): readonly (Place | Gap)[] {
  const rows: (Place | Gap)[] = [];
  for (const place of places) {
    const last = rows.at(-1);
    const reason = place.raw === null || place.raw === undefined ? (place.reason ?? "") : "";
    if (reason === "" && meaningsOf(place, all).length > 0) {
      rows.push(place);
    } else if (last && "from" in last && last.reason === reason) {
      last.to = place.address;
    } else {
      rows.push({ from: place.address, to: place.address, reason });
    }
  }
  return rows;
}

/** toggled adds a find, or takes it away when it is there. A place is read in one way only. */
export function toggled(finds: readonly Find[], address: string, meaning: Meaning): readonly Find[] {
  const others = finds.filter((find) => find.address !== address);
  const same = finds.some((find) => keyOf(find.address, find.meaning) === keyOf(address, meaning));
  return same ? others : [...others, { address, meaning, name: nameOf(address) }];
}

/** How many registers a value of a type takes; texts are of any length, and stand alone. */
const widths: Readonly<Partial<Record<Meaning["type"], number>>> = { int16: 1, uint16: 1, int32: 2, uint32: 2, float32: 2, int64: 4, uint64: 4, float64: 4 };

const numberOf = (address: string) => Number(address.split(":")[1]);

/**
 * alike are the other places that may be read in the same way: those whose content looks measured, at a distance of whole
 * values, and which share no register with what is ticked.
 */
export function alike(places: readonly Place[], finds: readonly Find[], address: string): readonly Find[] {
  const model = finds.find((find) => find.address === address)?.meaning;
  const width = model && widths[model.type];
  if (!width) {
    return [];
  }
  const taken = new Set(finds.flatMap((find) => Array.from({ length: widths[find.meaning.type] ?? find.meaning.length ?? 1 }, (_, index) => numberOf(find.address) + index)));
  const others: Find[] = [];
  for (const place of places) {
    const at = numberOf(place.address);
    const meaning = meaningsOf(place, false).find((one) => one.type === model.type && one.byteOrder === model.byteOrder);
    const free = Array.from({ length: width }, (_, index) => at + index).every((register) => !taken.has(register));
    if (meaning && free && (at - numberOf(address)) % width === 0) {
      others.push({ address: place.address, meaning, name: nameOf(place.address) });
    }
  }
  return others;
}

const nameOf = (address: string) => address.replace(":", " ");

/** withFinds is the device with a point for each find. */
export function withFinds(device: Device, finds: readonly Find[]): Device {
  const points = [...device.points];
  for (const { address, meaning, name } of finds) {
    const id = freeID(slug(name) || slug(address), points.map((point) => point.id));
    points.push(pointOf(id, name.trim() || address, address, meaning));
  }
  return { ...device, points };
}

function pointOf(id: string, name: string, address: string, { type, byteOrder, length }: Meaning): Point {
  const big = byteOrder === undefined || byteOrder === "ABCD";
  return { id, name, address, type, byteOrder: big ? undefined : byteOrder, length, mapping: { payload: "json", qos: 1 } };
}
