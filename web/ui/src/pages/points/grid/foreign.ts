// Tables of other programs: which of their columns are which of ours (pure). The names are those of Kepware's CSV
// ("CSV Import and Export" in its manual: Tag Name, Address, Data Type, Client Access, Raw Low …) and of Neuron's Excel file
// (docs.emqx.com, "Import and export": group, name, address, attribute, type, decimal, precision, description).
import { type ColumnID, columns, numberOf } from "./columns";
import type { Cell } from "./draft";
import { withNew, type Draft, type GridRow } from "./draft";

/** A Row of a foreign table: its texts by the names of its columns, which are written small and without signs. */
type Foreign = Readonly<Record<string, string>>;

const plain = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

/** Names that stand for a column as it is. */
const synonyms: Readonly<Partial<Record<ColumnID, readonly string[]>>> = {
  name: ["tagname", "tag", "point", "bezeichnung"],
  id: ["kennung", "identifier"],
  address: ["adresse", "register", "modbusaddress"],
  type: ["datatype", "typ", "datentyp"],
  byteOrder: ["endian", "endianness", "bytereihenfolge", "wordorder"],
  scale: ["decimal", "multiplier", "factor", "faktor", "gain"],
  offset: ["bias", "versatz"],
  unit: ["engunits", "units", "einheit", "engineeringunits"],
  decimals: ["precision", "nachkommastellen"],
  writable: ["clientaccess", "attribute", "access", "schreibbar"],
  topic: ["mqtttopic"],
  min: ["lowerlimit", "untergrenze"],
  max: ["upperlimit", "obergrenze"],
};

/** What is understood together with another column, or means nothing here. */
const known = new Set(["rawlow", "rawhigh", "scaledlow", "scaledhigh", "scaling", "respectdatatype", "scaleddatatype", "clamplow", "clamphigh", "negatevalue", "scanrate", "group", "interval", "description"]);

const typeNames: Readonly<Record<string, string>> = {
  boolean: "bool", bit: "bool", short: "int16", word: "uint16", long: "int32", dword: "uint32", float: "float32", real: "float32", double: "float64",
  llong: "int64", qword: "uint64", int: "int32", uint: "uint32", lint: "int64", ulint: "uint64", lreal: "float64", dint: "int32", udint: "uint32",
};

const columnNames = new Map<string, ColumnID>(columns.flatMap(({ id }) => [plain(id), ...(synonyms[id] ?? [])].map((name) => [name, id] as const)));

const isWritable = (text: string) => /^(rw|wo|readwrite|write|w|yes|ja|true|1|x)$/.test(plain(text)) || /write/i.test(text);

/** addressOf takes the unit away from Neuron's 1!400001 when it is that of the device; the rest is for the gateway to judge. */
function addressOf(text: string, unit: number): string {
  const [, slave, place] = /^(\d+)!(.+)$/.exec(text.trim()) ?? [];
  return place !== undefined && Number(slave) === unit ? place : text;
}

/** scaling makes factor and offset of Kepware's two pairs of values. */
function scaling(row: Foreign): Partial<Record<ColumnID, string>> {
  const [rawLow, rawHigh, low, high] = ["rawlow", "rawhigh", "scaledlow", "scaledhigh"].map((name) => numberOf(row[name] ?? ""));
  if (plain(row.scaling ?? "") !== "linear" || rawLow === undefined || rawHigh === undefined || low === undefined || high === undefined || rawHigh === rawLow) {
    return {};
  }
  const scale = (high - low) / (rawHigh - rawLow);
  return { scale: String(Number(scale.toPrecision(12))), offset: String(Number((low - rawLow * scale).toPrecision(12))) };
}

function textsOf(row: Foreign, unit: number): Partial<Record<ColumnID, string>> {
  const texts: Partial<Record<ColumnID, string>> = scaling(row);
  for (const [name, text] of Object.entries(row)) {
    const id = columnNames.get(name);
    if (id === "type") {
      texts.type = typeNames[plain(text)] ?? text.trim().toLowerCase();
    } else if (id === "writable") {
      texts.writable = isWritable(text) ? "yes" : "";
    } else if (id === "address") {
      texts.address = addressOf(text, unit);
    } else if (id) {
      texts[id] = text.trim();
    }
  }
  return texts;
}

export interface Imported {
  rows: readonly Partial<Record<ColumnID, string>>[];
  /** Columns of the file that nothing here is like. */
  unused: readonly string[];
}

/** importedOf reads a table with a line of names; undefined when no line names at least a point's name and address. */
export function importedOf(table: readonly (readonly string[])[], unit: number): Imported | undefined {
  const at = table.slice(0, 20).findIndex((line) => {
    const ids = new Set(line.map((text) => columnNames.get(plain(text))));
    return ids.has("address") && (ids.has("name") || ids.has("id"));
  });
  const header = table[at];
  if (!header) {
    return undefined;
  }
  const names = header.map(plain);
  const rows = table.slice(at + 1).filter((line) => line.some((text) => text.trim() !== "")).map((line) => textsOf(Object.fromEntries(names.map((name, n) => [name, line[n] ?? ""])), unit));
  return { rows, unused: header.filter((_, n) => names[n] !== "" && !columnNames.has(names[n] ?? "") && !known.has(names[n] ?? "")) };
}

/** Match says which rows of the grid an import changes: by identifier, else by name. */
export interface Match {
  cells: Cell[];
  draft: Draft;
  added: number;
  changed: number;
  /** Points that the file does not have. */
  absent: string[];
}

export function matched(rows: readonly GridRow[], draft: Draft, imported: Imported): Match {
  const byID = new Map(rows.map((row) => [row.point.id, row.key]));
  const byName = new Map(rows.map((row) => [row.point.name, row.key]));
  const found = imported.rows.map(({ id, name }) => byID.get(id ?? "") ?? (id ? undefined : byName.get(name ?? "")));
  const [next, keys] = withNew(draft, found.filter((key) => key === undefined).length);
  const fresh = keys.values();
  const cells = imported.rows.flatMap((texts, n) => {
    const key = found[n] ?? fresh.next().value ?? "";
    return columns.flatMap(({ id }): Cell[] => (texts[id] === undefined ? [] : [{ key, column: id, text: texts[id] }]));
  });
  const seen = new Set(found);
  return { cells, draft: next, added: keys.length, changed: seen.size - (seen.has(undefined) ? 1 : 0), absent: rows.filter(({ key, base }) => base && !seen.has(key)).map(({ key }) => key) };
}
