import { expect, it } from "vitest";

import { enteredList, enteredValue } from "./entered";

it.each([
  ["21,5", "float32", 21.5],
  [" -3 ", "int16", -3],
  ["1e3", "float64", 1000],
  ["true", "bool", true],
  ["0", "bool", false],
  ["9007199254740993", "uint64", "9007199254740993"],
  ["12", "string", "12"],
  ["", "int16", undefined],
  ["0x10", "int16", undefined],
  ["1e999", "float64", undefined],
  ["perhaps", "bool", undefined],
])("reads %j as %s", (text, type, value) => {
  expect(enteredValue(text, type)).toBe(value);
});

it.each([
  ["1; 2;3", "int16", 3, [1, 2, 3]],
  ["1,5; 2.5", "float32", 2, [1.5, 2.5]],
  ["1, 2 3", "int16", 3, [1, 2, 3]],
  ["true false", "bool", 2, [true, false]],
  ["1; 2", "int16", 3, undefined],
  ["1; x", "int16", 2, undefined],
  ["", "int16", 2, undefined],
])("reads the list %j of %s", (text, type, count, values) => {
  expect(enteredList(text, type, count)).toEqual(values);
});
