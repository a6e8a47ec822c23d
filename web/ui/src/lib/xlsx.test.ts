// @vitest-environment happy-dom
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

import { readWorkbook, workbookOf } from "./xlsx";
import { entriesOf, unpacked } from "./zip";

/** Written by excelize. */
const file = () => new Uint8Array(readFileSync(new URL("testdata/neuron.xlsx", `file://${import.meta.dirname}/`)));

it("reads what another program wrote", async () => {
  expect(await readWorkbook(file())).toEqual([
    ["group", "name", "address", "attribute", "type", "decimal", "precision", "description"],
    ["g", "Flow", "1!400001", "Read Write", "FLOAT", "0.1", "2", "a & b"],
    ["g", "Run", "", "Read", "BIT"],
    [],
    ["", "far"],
    ["true"],
  ]);
});

it("reads what it wrote", async () => {
  const rows = [["Name", "=1+1"], ["<a> & \"b\"", ""], [" 00 ", "äöü €"]];
  expect(await readWorkbook(workbookOf(rows))).toEqual(rows);
});

it("refuses a part that unfolds beyond its bound", async () => {
  const entry = entriesOf(file()).find(({ name }) => name === "xl/styles.xml");
  expect(entry?.deflated).toBe(true);
  await expect(entry && unpacked(entry, 100)).rejects.toThrow("too large");
});

it.each([["no archive", new Uint8Array(100)], ["nothing", new Uint8Array(0)], ["a torn one", new Uint8Array([0x50, 0x4b, 3, 4, 0, 0])]])("refuses %s", async (_, bytes) => {
  await expect(readWorkbook(bytes)).rejects.toThrow(/ZIP/);
});
