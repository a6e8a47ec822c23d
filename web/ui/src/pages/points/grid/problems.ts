// What the gateway says about the points of a draft, put at the cells (pure).
import type { FieldProblem } from "../../../api/problem";
import { columnAt } from "./columns";
import type { GridRow } from "./draft";

/** By problemKey. */
export type Problems = ReadonlyMap<string, string>;

export const problemKey = (row: string, column: string) => `${row} ${column}`;

/** problemsOf finds the rows by their places in the request that was made of them. */
export function problemsOf(problems: readonly FieldProblem[], kept: readonly GridRow[]): Problems {
  return new Map(
    problems.flatMap(({ field, detail }): [string, string][] => {
      const [, place, rest = ""] = /points\[(\d+)\]\.(.*)$/.exec(field) ?? [];
      const row = place === undefined ? undefined : kept[Number(place)];
      return row ? [[problemKey(row.key, columnAt(rest)), detail]] : [];
    }),
  );
}
