// The columns of the grid: each reads its text from a point and puts a text into one (pure).
import type { Point, Type } from "../../../api/model";
import { byteOrders, types } from "../../../lib/byteOrder";

const ids = [
  "name", "id", "address", "type", "byteOrder", "bits", "length", "scale", "offset", "unit", "decimals", "scanClass", "writable",
  "deadband", "min", "max", "enum", "expression", "topic", "payload", "qos", "retain",
] as const;

export type ColumnID = (typeof ids)[number];

export interface Column {
  id: ColumnID;
  /** Pixels. */
  width: number;
  kind: "text" | "number" | "flag" | "choice";
  /** The server's name of the field in a point. */
  field: string;
  read: (point: Point) => string;
  /** The point with the text in it; undefined when the text cannot be meant. */
  write: (point: Point, text: string) => Point | undefined;
  /** What to choose from; other texts may be right too. */
  choices?: (point: Point, scanClasses: readonly string[]) => readonly string[];
}

const yes = "yes";
const words: Readonly<Record<string, boolean>> = {
  "": false, no: false, nein: false, false: false, "0": false, ro: false, r: false, "read only": false,
  yes: true, ja: true, true: true, "1": true, x: true, rw: true, "r/w": true, "read/write": true,
};

/** numberOf takes a comma for a decimal point; undefined when the text is no number. */
export function numberOf(text: string): number | undefined {
  const plain = text.trim().replace(",", ".");
  const value = Number(plain);
  return plain === "" || !Number.isFinite(value) ? undefined : value;
}

type Setter<T> = (point: Point, value: T | undefined) => Point;

function textColumn(id: ColumnID, width: number, field: string, read: (point: Point) => string | undefined, set: Setter<string>, choices?: Column["choices"]): Column {
  return {
    id, width, field, choices,
    kind: choices ? "choice" : "text",
    read: (point) => read(point) ?? "",
    write: (point, text) => set(point, text.trim() === "" ? undefined : text.trim()),
  };
}

/** A number that is `none` is not shown: a scale of 0 means that there is none. */
function numberColumn(id: ColumnID, width: number, field: string, read: (point: Point) => number | undefined, set: Setter<number>, none?: number): Column {
  return {
    id, width, field,
    kind: "number",
    read: (point) => {
      const value = read(point);
      return value === undefined || value === none ? "" : String(value);
    },
    write: (point, text) => {
      const value = numberOf(text);
      return value === undefined && text.trim() !== "" ? undefined : set(point, value);
    },
  };
}

function flagColumn(id: ColumnID, width: number, field: string, read: (point: Point) => boolean | undefined, set: Setter<boolean>): Column {
  return {
    id, width, field,
    kind: "flag",
    read: (point) => (read(point) ? yes : ""),
    write: (point, text) => {
      const value = words[text.trim().toLowerCase()];
      return value === undefined ? undefined : set(point, value || undefined);
    },
  };
}

const scanClassChoices: Column["choices"] = (_, scanClasses) => ["", ...scanClasses];

function typeOf(text: string): Type | undefined {
  return types.find((type) => type === text.toLowerCase());
}

/** typeColumn knows types only, and takes away what only the former type had. */
const typeColumn: Column = {
  id: "type", width: 96, field: "type", kind: "choice",
  read: (point) => point.type,
  write: (point, text) => {
    const type = typeOf(text.trim());
    return type && { ...point, type, length: type === "string" ? point.length || 16 : undefined };
  },
  choices: () => types,
};

export const columns: readonly Column[] = [
  textColumn("name", 180, "name", (p) => p.name, (p, v) => ({ ...p, name: v ?? "" })),
  textColumn("id", 140, "id", (p) => p.id, (p, v) => ({ ...p, id: v ?? "" })),
  textColumn("address", 130, "address", (p) => p.address, (p, v) => ({ ...p, address: v ?? "" })),
  typeColumn,
  textColumn("byteOrder", 100, "byteOrder", (p) => p.byteOrder, (p, byteOrder) => ({ ...p, byteOrder: byteOrder?.toUpperCase() }), (p) => ["", ...byteOrders(p.type)]),
  textColumn("bits", 80, "decoding.bits", (p) => p.decoding?.bits, (p, bits) => ({ ...p, decoding: { ...p.decoding, bits } })),
  numberColumn("length", 80, "length", (p) => p.length, (p, length) => ({ ...p, length }), 0),
  numberColumn("scale", 90, "scale", (p) => p.scale, (p, scale) => ({ ...p, scale }), 0),
  numberColumn("offset", 90, "offset", (p) => p.offset, (p, offset) => ({ ...p, offset }), 0),
  textColumn("unit", 80, "unit", (p) => p.unit, (p, unit) => ({ ...p, unit })),
  numberColumn("decimals", 90, "decimals", (p) => p.decimals, (p, decimals) => ({ ...p, decimals })),
  textColumn("scanClass", 110, "scanClass", (p) => p.scanClass, (p, scanClass) => ({ ...p, scanClass }), scanClassChoices),
  flagColumn("writable", 90, "writable", (p) => p.writable, (p, writable) => ({ ...p, writable })),
  numberColumn("deadband", 100, "publish.deadband", (p) => p.publish?.deadband, (p, deadband) => ({ ...p, publish: deadband === undefined ? undefined : { ...p.publish, onChange: true, deadband } }), 0),
  numberColumn("min", 90, "limits.min", (p) => p.limits?.min, (p, min) => ({ ...p, limits: { ...p.limits, min } })),
  numberColumn("max", 90, "limits.max", (p) => p.limits?.max, (p, max) => ({ ...p, limits: { ...p.limits, max } })),
  textColumn("enum", 150, "enum", (p) => p.enum, (p, texts) => ({ ...p, enum: texts })),
  textColumn("expression", 170, "expression", (p) => p.expression, (p, expression) => ({ ...p, expression })),
  textColumn("topic", 220, "mapping.topic", (p) => p.mapping.topic, (p, topic) => ({ ...p, mapping: { ...p.mapping, topic } })),
  textColumn("payload", 90, "mapping.payload", (p) => p.mapping.payload, (p, payload) => ({ ...p, mapping: { ...p.mapping, payload: payload as "json" } }), () => ["json", "plain"]),
  numberColumn("qos", 70, "mapping.qos", (p) => p.mapping.qos, (p, qos) => ({ ...p, mapping: { ...p.mapping, qos } })),
  flagColumn("retain", 90, "mapping.retain", (p) => p.mapping.retain, (p, retain) => ({ ...p, mapping: { ...p.mapping, retain } })),
];

export const columnOf: Readonly<Record<ColumnID, Column>> = Object.fromEntries(columns.map((column) => [column.id, column])) as Record<ColumnID, Column>;

/** columnAt is the column of a server's field: the longest name that the field begins with; what has none belongs to the address. */
export function columnAt(field: string): ColumnID {
  const fitting = columns.filter((one) => field === one.field || field.startsWith(`${one.field}.`) || one.field.startsWith(`${field}.`));
  return fitting.toSorted((a, b) => b.field.length - a.field.length)[0]?.id ?? "address";
}

export const emptyPoint: Point = { id: "", name: "", address: "", type: "uint16", mapping: { payload: "json", qos: 1 } };
