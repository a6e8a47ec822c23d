import { useVirtualizer } from "@tanstack/react-virtual";
import { Fragment, useEffect, useRef, type PointerEvent } from "react";
import { useTranslation } from "react-i18next";

import type { Device } from "../../../api/model";
import { LiveAge, LiveQuality, LiveValue } from "../LiveCells";
import { inBlock } from "./block";
import { columns } from "./columns";
import { type GridRow, textOf } from "./draft";
import { problemKey, type Problems } from "./problems";
import styles from "./Sheet.module.css";
import { CellEditor, SheetCell } from "./SheetCell";
import type { Sheet as SheetState } from "./useSheet";

const rowHeight = 34;
const headHeight = 36;
const liveWidths = { value: 120, age: 76, quality: 116 } as const;
/** The columns that follow the name and are not edited. */
const live = ["value", "age", "quality"] as const;

/** shownAt is the place of a column among all, from 1. */
const shownAt = (index: number) => (index === 0 ? 1 : index + 1 + live.length);

interface Props {
  device: Device;
  rows: readonly GridRow[];
  problems: Problems;
  scanClasses: readonly string[];
  sheet: SheetState;
}

/** Sheet is the grid for a keyboard: only the rows that are seen are drawn. */
export function Sheet({ device, rows, problems, scanClasses, sheet }: Props) {
  const { t } = useTranslation();
  const frame = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => frame.current, estimateSize: () => rowHeight, overscan: 8, scrollPaddingStart: headHeight, paddingStart: headHeight, paddingEnd: 4 });
  const { cursor, block, editing } = sheet;
  useEffect(() => {
    virtual.scrollToIndex(cursor.row);
    document.getElementById(cellID(cursor.column))?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [cursor.row, cursor.column, virtual]);
  const wasEditing = useRef(false);
  useEffect(() => {
    if (wasEditing.current && !editing) {
      frame.current?.focus({ preventScroll: true });
    }
    wasEditing.current = editing !== undefined;
  }, [editing]);
  const items = virtual.getVirtualItems();
  const drawn = items.some((item) => item.index === cursor.row);
  return (
    <div
      ref={frame}
      className={styles.frame}
      role="grid"
      tabIndex={0}
      aria-label={t("grid.title", { name: device.name || device.id })}
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length + live.length}
      aria-multiselectable
      aria-activedescendant={drawn && !editing ? cellID(cursor.column) : undefined}
      {...sheet.handlers}
      onPointerDown={(event) => {
        const place = placeOf(event);
        if (place && event.button === 0) {
          // What is being typed is kept before the cursor goes away from it.
          if (editing && document.activeElement instanceof HTMLInputElement) {
            document.activeElement.blur();
          }
          sheet.go(place, event.shiftKey);
        }
      }}
      onPointerMove={(event) => {
        const place = event.buttons === 1 && event.pointerType === "mouse" && !editing ? placeOf(event) : undefined;
        if (place) {
          sheet.go(place, true);
        }
      }}
      onDoubleClick={() => sheet.edit()}
    >
      <div role="rowgroup" style={{ height: virtual.getTotalSize(), width: "max-content", minWidth: "100%", position: "relative" }}>
        <div className={styles.head} role="row" aria-rowindex={1}>
          {columns.map((column, index) => (
            <Fragment key={column.id}>
              <div role="columnheader" aria-colindex={shownAt(index)} className={`${styles.cell} ${index === 0 ? styles.sticky : ""}`} style={{ width: column.width }}>
                {t(`grid.column.${column.id}`)}
              </div>
              {index === 0 ? live.map((id, n) => (
                <div key={id} role="columnheader" aria-colindex={n + 2} className={styles.cell} style={{ width: liveWidths[id] }}>
                  {t(`point.column.${id}`)}
                </div>
              )) : null}
            </Fragment>
          ))}
        </div>
        {items.map((item) => {
          const row = rows[item.index];
          return row ? (
            <div key={row.key} role="row" aria-rowindex={item.index + 2} data-row={item.index} data-testid={`row-${row.point.id}`} className={`${styles.row} ${row.edit?.deleted ? styles.deleted : ""}`} style={{ transform: `translateY(${item.start}px)` }}>
              {columns.map((column, index) => {
                const here = cursor.row === item.index && cursor.column === index;
                return (
                  <Fragment key={column.id}>
                    {here && editing ? (
                      <CellEditor
                        column={column}
                        index={shownAt(index)}
                        label={t(`grid.column.${column.id}`)}
                        initial={editing.text}
                        over={editing.over}
                        choices={column.choices?.(row.point, scanClasses)}
                        onKey={sheet.onEditorKey}
                        onLeave={sheet.commit}
                      />
                    ) : (
                      <SheetCell
                        id={here ? cellID(index) : undefined}
                        column={column}
                        place={index}
                        index={shownAt(index)}
                        text={textOf(row, column.id)}
                        sticky={index === 0}
                        marked={inBlock(block, item.index, index)}
                        cursor={here}
                        changed={row.edit?.cells[column.id] !== undefined}
                        problem={row.wrong.includes(column.id) ? t(`grid.notA.${column.kind}`) : problems.get(problemKey(row.key, column.id))}
                      />
                    )}
                    {index === 0 ? <LiveParts device={device} row={row} /> : null}
                  </Fragment>
                );
              })}
            </div>
          ) : null;
        })}
      </div>
    </div>
  );
}

/** placeOf is the cell under the pointer. */
function placeOf(event: PointerEvent) {
  const cell = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-column]") : null;
  const row = cell?.closest<HTMLElement>("[data-row]");
  return cell && row ? { row: Number(row.dataset.row), column: Number(cell.dataset.column) } : undefined;
}

const cellID = (column: number) => `cell-${columns[column]?.id ?? ""}`;

function LiveParts({ device, row }: { device: Device; row: GridRow }) {
  const shown = { key: `${device.id}/${row.point.id}`, device, point: row.point, name: row.point.name, topic: "" };
  return live.map((id, n) => {
    const Part = { value: LiveValue, age: LiveAge, quality: LiveQuality }[id];
    return (
      <div key={id} role="gridcell" aria-colindex={n + 2} className={`${styles.cell} ${styles.live}`} style={{ width: liveWidths[id] }}>
        {row.base ? <Part row={shown} /> : null}
      </div>
    );
  });
}
