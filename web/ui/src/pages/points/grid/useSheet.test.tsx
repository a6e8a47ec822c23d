// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { useState } from "react";
import { afterEach, expect, it } from "vitest";

import type { Point } from "../../../api/model";
import { noDraft, rowsOf, textOf, withCells } from "./draft";
import { beginning, done, redone, undone } from "./undo";
import { useSheet } from "./useSheet";

const points = ["a", "b", "c"].map((id): Point => ({ id, name: id, address: "holding:0", type: "uint16", mapping: { payload: "json", qos: 1 } }));

/** The grid without its looks: three columns of each row as text, the cell that is edited as a field. */
function Plain() {
  const [course, setCourse] = useState(beginning(noDraft));
  const rows = rowsOf(points, course.now);
  const sheet = useSheet({
    rows, page: 10, draft: course.now,
    onCells: (cells, from = course.now) => setCourse(done(course, withCells(points, from, cells))),
    onUndo: () => setCourse(undone(course)),
    onRedo: () => setCourse(redone(course)),
  });
  return (
    <div data-testid="grid" {...sheet.handlers}>
      <output aria-label="rows">{rows.map((row) => `${textOf(row, "name")},${textOf(row, "address")},${textOf(row, "unit")}`).join(" ")}</output>
      <output aria-label="cursor">{`${sheet.cursor.row} ${sheet.cursor.column}`}</output>
      {sheet.editing ? <input aria-label="cell" defaultValue={sheet.editing.text} onKeyDown={(event) => sheet.onEditorKey(event, event.currentTarget.value)} /> : null}
    </div>
  );
}

const grid = () => screen.getByTestId("grid");
const key = (name: string, more = {}) => fireEvent.keyDown(grid(), { key: name, ...more });
const type = (text: string, end: string, more = {}) => {
  const cell = screen.getByLabelText<HTMLInputElement>("cell");
  cell.value = text;
  fireEvent.keyDown(cell, { key: end, ...more });
};
const rows = () => screen.getByLabelText("rows").textContent;
const cursor = () => screen.getByLabelText("cursor").textContent;

afterEach(cleanup);

it("types over, goes down with Enter and right with Tab, and leaves everything with Escape", () => {
  render(<Plain />);
  key("x");
  expect(screen.getByLabelText<HTMLInputElement>("cell").value).toBe("x");
  type("first", "Enter");
  expect([rows(), cursor()]).toEqual(["first,holding:0, b,holding:0, c,holding:0,", "1 0"]);
  key("F2");
  type("second", "Tab");
  expect([rows(), cursor()]).toEqual(["first,holding:0, second,holding:0, c,holding:0,", "1 1"]);
  key("ArrowLeft");
  key("Enter");
  type("never", "Escape");
  expect(rows()).toContain("second");
});

it("fills all marked cells with Ctrl+Enter, clears them, and takes both back", () => {
  render(<Plain />);
  key("End");
  key("Home");
  key("ArrowDown", { shiftKey: true });
  key("F2");
  type("same", "Enter", { ctrlKey: true });
  expect(rows()).toBe("same,holding:0, same,holding:0, c,holding:0,");
  key("z", { ctrlKey: true });
  expect(rows()).toBe("a,holding:0, b,holding:0, c,holding:0,");
  key("y", { ctrlKey: true });
  key("Delete");
  expect(rows()).toContain(",holding:0, ");
  key("z", { ctrlKey: true });
  expect(rows()).toBe("same,holding:0, same,holding:0, c,holding:0,");
});

it("pastes a block, with rows below the last one", () => {
  render(<Plain />);
  key("ArrowDown", { ctrlKey: true });
  fireEvent.paste(grid(), { clipboardData: { getData: () => 'C\t\tholding:5\r\n"D, ""new"""\t\tholding:6\r\n' } });
  expect(rows()).toBe('a,holding:0, b,holding:0, C,holding:5, D, "new",holding:6,');
});

it("lets Tab leave at the end of a row", () => {
  render(<Plain />);
  key("End");
  expect(fireEvent.keyDown(grid(), { key: "Tab" })).toBe(true);
  key("Home");
  expect(fireEvent.keyDown(grid(), { key: "Tab" })).toBe(false);
});
