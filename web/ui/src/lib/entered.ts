import type { Value } from "../api/model";

type Single = Exclude<Value, unknown[]>;

const numeric = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

/**
 * enteredValue turns what was typed into the value of a type; undefined when it is none. A comma counts as decimal
 * point; 64-bit numbers that JavaScript cannot hold exactly stay a text, which the gateway reads digit by digit.
 */
export function enteredValue(text: string, type: string): Single | undefined {
  if (type === "string") {
    return text;
  }
  const trimmed = text.trim().replace(",", ".");
  if (type === "bool") {
    return { true: true, "1": true, false: false, "0": false }[trimmed.toLowerCase()];
  }
  if (!numeric.test(trimmed)) {
    return undefined;
  }
  const value = Number(trimmed);
  if (!Number.isFinite(value)) {
    return undefined;
  }
  return /^[+-]?\d+$/.test(trimmed) && !Number.isSafeInteger(value) ? trimmed : value;
}

/** enteredList takes the values of a list, parted by semicolons or blanks, or by commas with something else behind them than a digit. */
export function enteredList(text: string, type: string, count: number): Value | undefined {
  const parts = text.trim().split(/\s*;\s*|,?\s+/);
  const values = parts.map((part) => enteredValue(part, type));
  return values.length === count && values.every((one) => one !== undefined) ? values : undefined;
}
