// Several devices at once: which units, and what they are called (pure).
import type { Config, DeviceBatch } from "../../api/model";
import { freeID, slug } from "../../lib/slug";

const mostUnit = 255;

/** unitsOf reads "1-3, 7" as 1, 2, 3, 7; undefined when it is no such list. */
export function unitsOf(text: string): number[] | undefined {
  const units = new Set<number>();
  for (const part of text.split(/[,;]+/).map((one) => one.trim())) {
    const match = /^(\d{1,3})(?:\s*[-–]\s*(\d{1,3}))?$/.exec(part);
    if (!match) {
      return undefined;
    }
    const from = Number(match[1]);
    const to = Number(match[2] ?? match[1]);
    if (from > to || to > mostUnit) {
      return undefined;
    }
    for (let unit = from; unit <= to; unit++) {
      units.add(unit);
    }
  }
  return [...units].toSorted((a, b) => a - b);
}

/** textOfUnits is the shortest list that unitsOf reads the same. */
export function textOfUnits(units: readonly number[]): string {
  const parts: [number, number][] = [];
  for (const unit of units.toSorted((a, b) => a - b)) {
    const last = parts.at(-1);
    if (last && last[1] === unit - 1) {
      last[1] = unit;
    } else {
      parts.push([unit, unit]);
    }
  }
  return parts.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(", ");
}

/** devicesOf gives each unit a name: {unit} is its number, {n} counts from 1; several without either get their number. */
export function devicesOf(config: Config, units: readonly number[], pattern: string, connection: string, scanClass: string): DeviceBatch["devices"] {
  const taken = config.devices.map((one) => one.id);
  const full = units.length > 1 && !/\{(unit|n)\}/.test(pattern) ? `${pattern.trim()} {unit}` : pattern;
  return units.map((unit, index) => {
    const name = full.replaceAll("{unit}", String(unit)).replaceAll("{n}", String(index + 1)).trim();
    const id = freeID(slug(name) || `unit-${unit}`, taken);
    taken.push(id);
    return { id, name, connection, unit, scanClass };
  });
}
