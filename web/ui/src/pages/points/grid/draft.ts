// A draft is what somebody has changed in the grid and not applied: texts by point and column, over the points that the
// gateway has (pure). It survives a reload, and a change by somebody else.
import type { Device, Point } from "../../../api/model";
import { slug } from "../../../lib/slug";
import { type ColumnID, columnOf, columns, emptyPoint } from "./columns";

/** What was done to one point. */
export interface Edit {
  /** The point as it was when the first cell was changed; none for a new one. */
  base?: Point;
  cells: Readonly<Partial<Record<ColumnID, string>>>;
  deleted?: boolean;
}

/** By the id of the point, "+1" for the first new one. */
export type Draft = ReadonlyMap<string, Edit>;

export const noDraft: Draft = new Map();

export interface GridRow {
  key: string;
  point: Point;
  /** The point in force; none for a new one. */
  base?: Point;
  edit?: Edit;
  /** Columns whose texts cannot be meant. */
  wrong: readonly ColumnID[];
}

const untouched = new WeakMap<Point, GridRow>();

/** rowsOf are the points with the draft over them, the new ones behind; what did not change is the same object. */
export function rowsOf(points: readonly Point[], draft: Draft): GridRow[] {
  const rows = points.map((point) => {
    const edit = draft.get(point.id);
    return edit ? rowOf(point.id, point, edit) : untouchedRow(point);
  });
  for (const [key, edit] of draft) {
    if (isNew(key)) {
      rows.push(rowOf(key, undefined, edit));
    }
  }
  return rows;
}

export const isNew = (key: string) => key.startsWith("+");

function untouchedRow(point: Point): GridRow {
  const row = untouched.get(point) ?? { key: point.id, point, base: point, wrong: [] };
  untouched.set(point, row);
  return row;
}

function rowOf(key: string, base: Point | undefined, edit: Edit): GridRow {
  let point = base ?? emptyPoint;
  const wrong: ColumnID[] = [];
  for (const { id, write } of columns) {
    const text = edit.cells[id];
    const next = text === undefined ? point : write(point, text);
    if (next === undefined) {
      wrong.push(id);
    } else {
      point = next;
    }
  }
  if (base === undefined && point.id === "") {
    point = { ...point, id: slug(point.name) };
  }
  return { key, point: point.expression ? { ...point, address: "", byteOrder: undefined, decoding: undefined, writable: undefined } : point, base, edit, wrong };
}

/** textOf is what a cell shows: what was typed, also when it is wrong. */
export function textOf(row: GridRow, column: ColumnID): string {
  return row.edit?.cells[column] ?? columnOf[column].read(row.point);
}

export interface Cell {
  key: string;
  column: ColumnID;
  text: string;
}

/** withCells types into cells. A text that the point has anyway is no edit; an id never changes, its history hangs on it. */
export function withCells(points: readonly Point[], draft: Draft, cells: readonly Cell[]): Draft {
  const byID = new Map(points.map((point) => [point.id, point]));
  const next = new Map(draft);
  for (const { key, column, text } of cells) {
    const base = byID.get(key);
    if (base && column === "id") {
      continue;
    }
    const edit = next.get(key) ?? { base, cells: {} };
    const { [column]: _, ...others } = edit.cells;
    const same = base !== undefined && columnOf[column].read(base) === text;
    put(next, key, { ...edit, cells: same ? others : { ...others, [column]: text } });
  }
  return next;
}

function put(draft: Map<string, Edit>, key: string, edit: Edit) {
  if (!isNew(key) && !edit.deleted && Object.keys(edit.cells).length === 0) {
    draft.delete(key);
  } else {
    draft.set(key, edit);
  }
}

/** withNew adds rows and gives their keys. */
export function withNew(draft: Draft, count: number): [Draft, string[]] {
  const last = Math.max(0, ...[...draft.keys()].filter(isNew).map(Number));
  const keys = Array.from({ length: count }, (_, n) => `+${last + n + 1}`);
  return [new Map([...draft, ...keys.map((key): [string, Edit] => [key, { cells: {} }])]), keys];
}

/** withDeleted marks points as deleted, or takes the mark away when all have it; new ones just go. */
export function withDeleted(points: readonly Point[], draft: Draft, keys: readonly string[]): Draft {
  const byID = new Map(points.map((point) => [point.id, point]));
  const next = new Map(draft);
  const back = keys.every((key) => next.get(key)?.deleted);
  for (const key of keys) {
    const base = byID.get(key);
    if (!base) {
      next.delete(key);
    } else {
      const { deleted: _, ...edit } = next.get(key) ?? { base, cells: {} };
      put(next, key, back ? edit : { ...edit, deleted: true });
    }
  }
  return next;
}

/** deviceOf is the device with the draft applied, and the rows in the order of its points. */
export function deviceOf(device: Device, rows: readonly GridRow[]): { device: Device; kept: GridRow[] } {
  const kept = rows.filter((row) => !row.edit?.deleted);
  return { device: { ...device, points: kept.map((row) => row.point) }, kept };
}

/** A Conflict is a cell, or a whole point, that somebody else changed too. */
export interface Conflict {
  key: string;
  name: string;
  /** None when the point is gone. */
  column?: ColumnID;
  theirs: string;
  mine: string;
}

/** conflictsOf finds what changed in the gateway below the edits. */
export function conflictsOf(points: readonly Point[], draft: Draft): Conflict[] {
  const byID = new Map(points.map((point) => [point.id, point]));
  return [...draft].flatMap(([key, edit]): Conflict[] => {
    const { base } = edit;
    const now = byID.get(key);
    if (!base) {
      return [];
    }
    if (!now) {
      return [{ key, name: base.name || key, theirs: "", mine: "" }];
    }
    return columns
      .filter(({ id, read }) => edit.cells[id] !== undefined && read(now) !== read(base) && read(now) !== edit.cells[id])
      .map(({ id, read }) => ({ key, name: base.name || key, column: id, theirs: read(now), mine: edit.cells[id] ?? "" }));
  });
}

/** rebased puts the edits over what the gateway has now. Of what is in conflict, mine or theirs is kept. */
export function rebased(points: readonly Point[], draft: Draft, keep: "mine" | "theirs"): Draft {
  const byID = new Map(points.map((point) => [point.id, point]));
  const conflicts = new Set(conflictsOf(points, draft).map(({ key, column }) => `${key} ${column ?? ""}`));
  const next = new Map<string, Edit>();
  let [fresh] = withNew(draft, 0);
  for (const [key, edit] of draft) {
    const now = byID.get(key);
    if (isNew(key) || now) {
      const cells = Object.entries(edit.cells).filter(([column, text]) => {
        const same = now && columnOf[column as ColumnID].read(now) === text;
        return !same && (keep === "mine" || !conflicts.has(`${key} ${column}`));
      });
      put(next, key, { ...edit, base: now, cells: Object.fromEntries(cells) });
    } else if (keep === "mine" && edit.base && !edit.deleted) {
      // The point is gone: what is kept of it is a new one.
      const { base } = edit;
      const all = Object.fromEntries(columns.map(({ id, read }) => [id, edit.cells[id] ?? read(base)]));
      const [wider, keys] = withNew(fresh, 1);
      fresh = wider;
      next.set(keys[0] ?? "+1", { cells: all });
    }
  }
  return next;
}
