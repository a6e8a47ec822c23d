import { describe, expect, it } from "vitest";

import type { Device, Point } from "../../../api/model";
import { filledDown, missingRows, pasted } from "./block";
import { columnAt, columnOf } from "./columns";
import { conflictsOf, deviceOf, noDraft, rebased, rowsOf, withCells, withDeleted, withNew } from "./draft";
import { beginning, done, redone, undone } from "./undo";

const point = (id: string, more: Partial<Point> = {}): Point => ({ id, name: id, address: "holding:0", type: "float32", mapping: { payload: "json", qos: 1 }, ...more });
const points = [point("a"), point("b"), point("c")];

describe("a draft", () => {
  it("changes the points it is about, and keeps the others as they are", () => {
    const draft = withCells(points, noDraft, [{ key: "b", column: "scale", text: "0,1" }]);
    const before = rowsOf(points, noDraft);
    const rows = rowsOf(points, draft);
    expect(rows[1]?.point.scale).toBe(0.1);
    expect(rows[0]).toBe(before[0]);
  });

  it("is empty again when the old text is typed", () => {
    const draft = withCells(points, noDraft, [{ key: "b", column: "unit", text: "bar" }]);
    expect(withCells(points, draft, [{ key: "b", column: "unit", text: "" }]).size).toBe(0);
  });

  it("keeps a text that cannot be meant, and says where", () => {
    const draft = withCells(points, noDraft, [{ key: "a", column: "scale", text: "much" }]);
    expect(rowsOf(points, draft)[0]?.wrong).toEqual(["scale"]);
    expect(rowsOf(points, draft)[0]?.point.scale).toBeUndefined();
  });

  it("makes the id of a new point out of its name, and takes deleted ones out", () => {
    const [wider, keys] = withNew(withDeleted(points, noDraft, ["a"]), 1);
    const draft = withCells(points, wider, [{ key: keys[0] ?? "", column: "name", text: "Flow 1" }]);
    const { device } = deviceOf({ id: "d", points } as unknown as Device, rowsOf(points, draft));
    expect(device.points.map(({ id }) => id)).toEqual(["b", "c", "flow-1"]);
    expect(withDeleted(points, draft, ["a"]).get("a")).toBeUndefined();
  });

  it("is put over what somebody else did meanwhile", () => {
    const draft = withCells(points, noDraft, [
      { key: "a", column: "unit", text: "bar" },
      { key: "b", column: "unit", text: "kg" },
      { key: "c", column: "unit", text: "m" },
    ]);
    const theirs = [point("a", { unit: "psi" }), point("b", { scale: 3 }), point("new")];
    expect(conflictsOf(theirs, draft)).toEqual([
      { key: "a", name: "a", column: "unit", theirs: "psi", mine: "bar" },
      { key: "c", name: "c", theirs: "", mine: "" },
    ]);
    const names = (keep: "mine" | "theirs") => rowsOf(theirs, rebased(theirs, draft, keep)).map((row) => `${row.point.id} ${row.point.scale ?? ""} ${row.point.unit ?? ""}`);
    expect(names("mine")).toEqual(["a  bar", "b 3 kg", "new  ", "c  m"]);
    expect(names("theirs")).toEqual(["a  psi", "b 3 kg", "new  "]);
    expect(conflictsOf(theirs, rebased(theirs, draft, "mine"))).toEqual([]);
  });
});

describe("blocks", () => {
  it("are pasted with new rows below", () => {
    const table = [["A", "a1"], ["B", "b1"]];
    expect(missingRows(rowsOf(points, noDraft), { row: 2, column: 0 }, table)).toBe(1);
    expect(pasted(["c", "+1"], 0, table)).toEqual([
      { key: "c", column: "name", text: "A" },
      { key: "c", column: "id", text: "a1" },
      { key: "+1", column: "name", text: "B" },
      { key: "+1", column: "id", text: "b1" },
    ]);
  });

  it("count on in addresses by the size of the type", () => {
    const rows = rowsOf([point("a", { address: "holding:098", name: "Flow 9" }), point("b"), point("c")], noDraft);
    const texts = filledDown(rows, { top: 0, bottom: 2, left: 0, right: 3 }).map(({ text }) => text);
    expect(texts).toEqual(["Flow 10", "Flow 11", "a", "a", "holding:100", "holding:102", "float32", "float32"]);
  });
});

it("undoes and redoes", () => {
  const one = withCells(points, noDraft, [{ key: "a", column: "unit", text: "bar" }]);
  const course = done(beginning(), one);
  expect(undone(course).now).toBe(noDraft);
  expect(redone(undone(course)).now).toBe(one);
  expect(undone(undone(course)).now).toBe(noDraft);
});

it.each([
  ["mapping.topic", "topic"],
  ["limits", "min"],
  ["decoding.encoding", "address"],
  ["decoding.bits", "bits"],
  ["length", "length"],
])("puts the server's %s into the column %s", (field, column) => {
  expect(columnAt(field)).toBe(column);
});

it.each([["yes", true], ["R/W", true], ["", undefined], ["RO", undefined]])("reads %j as writable", (text, writable) => {
  expect(columnOf.writable.write(point("a"), text)?.writable).toBe(writable);
});
