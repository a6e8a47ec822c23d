import { expect, it } from "vitest";

import type { Point } from "../../../api/model";
import { parseTable } from "../../../lib/table";
import { noDraft, rowsOf, withCells } from "./draft";
import { importedOf, matched } from "./foreign";

const kepware = `Tag Name,Address,Data Type,Respect Data Type,Client Access,Scan Rate,Scaling,Raw Low,Raw High,Scaled Low,Scaled High,Scaled Data Type,Clamp Low,Clamp High,Eng. Units,Description
"Flow",400001,Float,1,R/W,100,,,,,,,,,m3/h,"a, b"
Level,300010,Word,1,RO,100,Linear,0,1000,-50,50,Float,0,0,%,`;

it("understands Kepware's columns", () => {
  expect(importedOf(parseTable(kepware, ","), 1)).toEqual({
    unused: [],
    rows: [
      { name: "Flow", address: "400001", type: "float32", writable: "yes", unit: "m3/h" },
      { name: "Level", address: "300010", type: "uint16", writable: "", unit: "%", scale: "0.1", offset: "-50" },
    ],
  });
});

it("understands Neuron's columns, and leaves an address that it cannot carry over to the gateway", () => {
  const table = [
    ["group", "name", "address", "attribute", "type", "description", "decimal", "precision", "colour"],
    ["g", "A", "7!400001", "Read Write", "DOUBLE", "", "0.1", "2", "red"],
    ["g", "B", "8!400001#BB", "Read", "BIT", "", "", "", ""],
  ];
  expect(importedOf(table, 7)).toEqual({
    unused: ["colour"],
    rows: [
      { name: "A", address: "400001", writable: "yes", type: "float64", scale: "0.1", decimals: "2" },
      { name: "B", address: "8!400001#BB", writable: "", type: "bool", scale: "", decimals: "" },
    ],
  });
});

it("takes a table without such names for none", () => {
  expect(importedOf([["1", "2"], ["3", "4"]], 1)).toBeUndefined();
});

it("changes the points of the same identifier or name, adds the others, and names those that are absent", () => {
  const points = ["a", "b", "c"].map((id): Point => ({ id, name: id.toUpperCase(), address: "holding:0", type: "uint16", mapping: { payload: "json", qos: 1 } }));
  const rows = rowsOf(points, noDraft);
  const imported = importedOf([["name", "id", "address"], ["B", "", "holding:5"], ["Other", "c", "holding:6"], ["New", "", "holding:7"]], 1);
  const match = imported && matched(rows, noDraft, imported);
  expect(match).toMatchObject({ added: 1, changed: 2, absent: ["a"] });
  const after = rowsOf(points, withCells(points, match?.draft ?? noDraft, match?.cells ?? []));
  expect(after.map(({ point }) => `${point.id} ${point.name} ${point.address}`)).toEqual(["a A holding:0", "b B holding:5", "c Other holding:6", "new New holding:7"]);
});
