// What the keys do while no cell is edited (pure).
import type { Place } from "./block";

export interface Size {
  rows: number;
  columns: number;
  /** Rows of a page. */
  page: number;
}

const moves: Readonly<Record<string, (at: Place, size: Size, far: boolean) => Place>> = {
  ArrowUp: ({ row, column }, _, far) => ({ row: far ? 0 : row - 1, column }),
  ArrowDown: ({ row, column }, size, far) => ({ row: far ? size.rows - 1 : row + 1, column }),
  ArrowLeft: ({ row, column }, _, far) => ({ row, column: far ? 0 : column - 1 }),
  ArrowRight: ({ row, column }, size, far) => ({ row, column: far ? size.columns - 1 : column + 1 }),
  Home: ({ row }, _, far) => ({ row: far ? 0 : row, column: 0 }),
  End: ({ row }, size, far) => ({ row: far ? size.rows - 1 : row, column: size.columns - 1 }),
  PageUp: ({ row, column }, size) => ({ row: row - size.page, column }),
  PageDown: ({ row, column }, size) => ({ row: row + size.page, column }),
};

/** within keeps a place in the grid. */
export function within({ row, column }: Place, size: Size): Place {
  return { row: Math.max(0, Math.min(row, size.rows - 1)), column: Math.max(0, Math.min(column, size.columns - 1)) };
}

/** moved is where a key leads; undefined when it is none that moves. */
export function moved(key: string, far: boolean, at: Place, size: Size): Place | undefined {
  const to = moves[key]?.(at, size, far);
  return to && within(to, size);
}

/** tabbed is the next cell of the row; undefined at its end, where Tab leaves the grid as everywhere else. */
export function tabbed(at: Place, back: boolean, size: Size): Place | undefined {
  const column = at.column + (back ? -1 : 1);
  return column < 0 || column >= size.columns ? undefined : { ...at, column };
}

export type Command = "edit" | "clear" | "undo" | "redo" | "fillDown" | "all" | "toggle";

interface Key {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

const commands: Readonly<Record<string, Command>> = { F2: "edit", Enter: "edit", Delete: "clear", Backspace: "clear" };
const withControl: Readonly<Record<string, Command>> = { z: "undo", y: "redo", d: "fillDown", a: "all" };

/** commandOf is what a key means; a text is what typing over begins with. */
export function commandOf({ key, ctrlKey, metaKey, shiftKey, altKey }: Key): Command | { text: string } | undefined {
  if (ctrlKey || metaKey) {
    const command = withControl[key.toLowerCase()];
    return command === "undo" && shiftKey ? "redo" : command;
  }
  if (key === " ") {
    return "toggle";
  }
  return key.length === 1 && !altKey ? { text: key } : commands[key];
}
