import { memo, type KeyboardEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Column } from "./columns";
import styles from "./Sheet.module.css";

interface Props {
  /** That of the cell with the cursor. */
  id: string | undefined;
  column: Column;
  /** Its place among those that can be edited, from 0. */
  place: number;
  /** Its place among all that are shown, from 1. */
  index: number;
  text: string;
  sticky: boolean;
  marked: boolean;
  cursor: boolean;
  changed: boolean;
  /** What is wrong with it. */
  problem: string | undefined;
}

const classes = (of: Readonly<Record<string, boolean>>) => Object.keys(of).filter((name) => of[name]).map((name) => styles[name]).join(" ");

/** SheetCell is one cell that is not being edited; most of them are the same from one drawing to the next. */
export const SheetCell = memo(function SheetCell({ id, column, place, index, text, sticky, marked, cursor, changed, problem }: Props) {
  const { t } = useTranslation();
  const wrong = problem !== undefined;
  return (
    <div
      id={id}
      role="gridcell"
      aria-colindex={index}
      aria-selected={marked}
      aria-invalid={wrong || undefined}
      title={problem ?? (text.length > 12 ? text : undefined)}
      data-column={place}
      className={classes({ cell: true, number: column.kind === "number", sticky, marked, cursor, changed, wrong })}
      style={{ width: column.width }}
    >
      {column.kind === "flag" && text !== "" ? t("grid.yes") : text}
      {wrong && text === "" ? t("grid.missing") : null}
    </div>
  );
});

interface EditorProps {
  column: Column;
  index: number;
  label: string;
  initial: string;
  /** Typing over goes on behind what was typed. */
  over: boolean;
  choices: readonly string[] | undefined;
  onKey: (event: KeyboardEvent, text: string) => void;
  onLeave: (text: string) => void;
}

/** CellEditor is the cell that is being edited. */
export function CellEditor({ column, index, label, initial, over, choices, onKey, onLeave }: EditorProps) {
  const [text, setText] = useState(initial);
  const list = choices ? `choices-${column.id}` : undefined;
  return (
    <div role="gridcell" aria-colindex={index} aria-selected className={`${styles.cell} ${styles.sticky}`} style={{ width: column.width, position: "relative", insetInlineStart: "auto" }}>
      <input
        className={styles.editor}
        aria-label={label}
        autoFocus
        list={list}
        inputMode={column.kind === "number" ? "decimal" : undefined}
        value={text}
        onFocus={(event) => (over ? undefined : event.currentTarget.select())}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => onKey(event, text)}
        onBlur={() => onLeave(text)}
      />
      {list ? (
        <datalist id={list}>
          {choices?.map((choice) => <option key={choice} value={choice} aria-label={choice} />)}
        </datalist>
      ) : null}
    </div>
  );
}
