import { useState, type ClipboardEvent, type KeyboardEvent } from "react";

import { formatTable, parseTable } from "../../../lib/table";
import { type Block, blockOf, copied, filled, filledDown, missingRows, pasted, type Place } from "./block";
import { columns } from "./columns";
import { type Cell, type Draft, type GridRow, textOf, withNew } from "./draft";
import { commandOf, moved, type Size, tabbed, within } from "./keys";

interface Editing {
  text: string;
  /** Typing over begins behind the first letter; otherwise all is selected. */
  over: boolean;
}

interface Options {
  rows: readonly GridRow[];
  page: number;
  draft: Draft;
  /** Types cells into a draft and makes it the present one. */
  onCells: (cells: readonly Cell[], draft?: Draft) => void;
  onUndo: () => void;
  onRedo: () => void;
}

/** useSheet is the cursor, the marked block and the cell that is being edited, with what keys and clipboard do to them. */
export function useSheet({ rows, page, draft, onCells, onUndo, onRedo }: Options) {
  const [at, setAt] = useState<Place>({ row: 0, column: 0 });
  const [from, setFrom] = useState<Place>(at);
  const [editing, setEditing] = useState<Editing>();
  const size: Size = { rows: rows.length, columns: columns.length, page };
  const cursor = within(at, size);
  const block = blockOf(cursor, within(from, size));
  const row = rows[cursor.row];
  const column = columns[cursor.column];

  /** A place may be that of a row which is only being added. */
  const go = (place: Place, extend = false) => {
    setAt(place);
    if (!extend) {
      setFrom(place);
    }
  };
  const edit = (text?: string) => {
    if (row && column && !row.edit?.deleted && !(column.id === "id" && row.base)) {
      setEditing({ text: text ?? textOf(row, column.id), over: text !== undefined });
    }
  };
  const commit = (text: string, all = false) => {
    setEditing(undefined);
    onCells(filled(rows, all ? block : blockOf(cursor, cursor), text));
  };
  const toggle = () => {
    if (row && column?.kind === "flag") {
      onCells(filled(rows, block, textOf(row, column.id) === "" ? "yes" : ""));
    } else {
      edit(" ");
    }
  };
  const run = { edit, toggle, undo: onUndo, redo: onRedo, clear: () => onCells(filled(rows, block, "")), fillDown: () => onCells(filledDown(rows, block)), all: () => { setAt({ row: size.rows - 1, column: size.columns - 1 }); setFrom({ row: 0, column: 0 }); } };

  const onKeyDown = (event: KeyboardEvent) => {
    if (editing) {
      return;
    }
    const to = event.key === "Tab" ? tabbed(cursor, event.shiftKey, size) : moved(event.key, event.ctrlKey || event.metaKey, cursor, size);
    const command = to ? undefined : commandOf(event);
    if (to) {
      go(to, event.shiftKey && event.key !== "Tab");
    } else if (typeof command === "object") {
      edit(command.text);
    } else if (command) {
      run[command]();
    } else {
      return;
    }
    event.preventDefault();
  };
  /** What the keys do in a cell that is edited; text is what is typed there. */
  const onEditorKey = (event: KeyboardEvent, text: string) => {
    if (event.key === "Escape") {
      setEditing(undefined);
    } else if (event.key === "Enter") {
      commit(text, event.ctrlKey || event.metaKey);
      go({ ...cursor, row: cursor.row + (event.shiftKey ? -1 : event.ctrlKey || event.metaKey ? 0 : 1) });
    } else if (event.key === "Tab") {
      commit(text);
      go(tabbed(cursor, event.shiftKey, size) ?? cursor);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const paste = (text: string) => {
    const table = parseTable(text, "\t");
    const [only] = table;
    if (table.length === 1 && only?.length === 1) {
      onCells(filled(rows, block, only[0] ?? ""));
      return;
    }
    const [wider, added] = withNew(draft, missingRows(rows, { row: block.top, column: block.left }, table));
    onCells(pasted([...rows.slice(block.top).map(({ key }) => key), ...added], block.left, table), wider);
    setFrom({ row: block.top, column: block.left });
    setAt({ row: block.top + table.length - 1, column: Math.min(columns.length, block.left + (only?.length ?? 1)) - 1 });
  };
  const clipboard = (event: ClipboardEvent, act: () => void) => {
    if (!editing) {
      event.preventDefault();
      act();
    }
  };
  const copy = (event: ClipboardEvent) => event.clipboardData.setData("text/plain", formatTable(copied(rows, block), "\t"));
  return {
    cursor, block, editing, go, edit, commit, onEditorKey,
    handlers: {
      onKeyDown,
      onCopy: (event: ClipboardEvent) => clipboard(event, () => copy(event)),
      onCut: (event: ClipboardEvent) => clipboard(event, () => { copy(event); run.clear(); }),
      onPaste: (event: ClipboardEvent) => clipboard(event, () => paste(event.clipboardData.getData("text/plain"))),
    },
  };
}

export type Sheet = ReturnType<typeof useSheet>;
export type { Block };
