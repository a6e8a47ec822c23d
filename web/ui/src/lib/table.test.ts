import { expect, it } from "vitest";

import { formatTable, parseTable, separatorOf } from "./table";

it.each([
  ["a\tb\nc\td\n", [["a", "b"], ["c", "d"]]],
  ["a\tb\r\nc\td", [["a", "b"], ["c", "d"]]],
  ['"two\nlines"\t"say ""hi"""\n', [["two\nlines", 'say "hi"']]],
  ["a\t\n\tb", [["a", ""], ["", "b"]]],
  ['5" pipe\tx', [['5" pipe', "x"]]],
  ['"never closed\tx', [["never closed\tx"]]],
  ["", []],
])("reads %j", (text, rows) => {
  expect(parseTable(text, "\t")).toEqual(rows);
});

it("reads what it wrote", () => {
  const rows = [["a;b", 'c"d', "e\nf", ""], ["1", "2", "3", "4"]];
  expect(parseTable(formatTable(rows, ";"), ";")).toEqual(rows);
});

it.each([
  ["name;address\n1,5;2", ";"],
  ["name,address", ","],
  ["name\taddress, too", "\t"],
  ['"a,b,c";d', ";"],
])("finds the separator of %j", (text, separator) => {
  expect(separatorOf(text)).toBe(separator);
});
