// Blocks of cells: what is copied, pasted and filled (pure).
import type { Point } from "../../../api/model";
import { type ColumnID, columns } from "./columns";
import { type Cell, type GridRow, textOf } from "./draft";

/** A Block has its first and last row and column in it. */
export interface Block {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

export interface Place {
  row: number;
  column: number;
}

export function blockOf(a: Place, b: Place): Block {
  return { top: Math.min(a.row, b.row), bottom: Math.max(a.row, b.row), left: Math.min(a.column, b.column), right: Math.max(a.column, b.column) };
}

export function inBlock(block: Block, row: number, column: number): boolean {
  return row >= block.top && row <= block.bottom && column >= block.left && column <= block.right;
}

export function copied(rows: readonly GridRow[], block: Block): string[][] {
  return rows.slice(block.top, block.bottom + 1).map((row) => columns.slice(block.left, block.right + 1).map(({ id }) => textOf(row, id)));
}

/** filled puts one text into each cell of a block. */
export function filled(rows: readonly GridRow[], block: Block, text: string): Cell[] {
  return rows.slice(block.top, block.bottom + 1).flatMap((row) => columns.slice(block.left, block.right + 1).map(({ id }) => ({ key: row.key, column: id, text })));
}

/** missingRows is how many rows a table needs below the last one. */
export function missingRows(rows: readonly GridRow[], at: Place, table: readonly (readonly string[])[]): number {
  return Math.max(0, at.row + table.length - rows.length);
}

/** pasted puts a table at a place; keys are those of the rows from there on. What is right of the last column is left out. */
export function pasted(keys: readonly string[], column: number, table: readonly (readonly string[])[]): Cell[] {
  return table.flatMap((line, n) => {
    const key = keys[n];
    return key === undefined ? [] : line.flatMap((text, m): Cell[] => {
      const id = columns[column + m]?.id;
      return id === undefined ? [] : [{ key, column: id, text }];
    });
  });
}

/** filledDown carries the first row of a block down; names, identifiers and addresses count on. */
export function filledDown(rows: readonly GridRow[], block: Block): Cell[] {
  const [first, ...others] = rows.slice(block.top, block.bottom + 1);
  if (!first) {
    return [];
  }
  return columns.slice(block.left, block.right + 1).flatMap(({ id }) => {
    const text = textOf(first, id);
    return others.map((row, n) => ({ key: row.key, column: id, text: countedOn(id, text, n + 1, first.point) }));
  });
}

const counting: readonly ColumnID[] = ["name", "id", "address"];

function countedOn(column: ColumnID, text: string, steps: number, first: Point): string {
  const [, head, digits] = /^(.*?)(\d+)$/.exec(text) ?? [];
  if (!counting.includes(column) || head === undefined || digits === undefined) {
    return text;
  }
  const step = column === "address" && /^(holding:|input:|[34]\d{4,5}$)/.test(text) ? registersOf(first) : 1;
  return head + String(Number(digits) + step * steps).padStart(digits.length, "0");
}

function registersOf(point: Point): number {
  const bits = Number(/\d+$/.exec(point.type)?.[0] ?? 16);
  return point.type === "string" ? Math.ceil((point.length ?? 2) / 2) : Math.max(1, bits / 16);
}
