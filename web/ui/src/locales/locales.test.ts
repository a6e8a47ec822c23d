import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import de from "./de.json";
import en from "./en.json";

function keysOf(tree: object, prefix = ""): string[] {
  return Object.entries(tree).flatMap(([key, value]: [string, unknown]) =>
    typeof value === "object" && value !== null ? keysOf(value, `${prefix}${key}.`) : [prefix + key],
  );
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      return sources(path);
    }
    return entry.name.endsWith(".tsx") && !entry.name.includes(".test.") ? [path] : [];
  });
}

describe("the texts of the page", () => {
  it("are there in every language", () => {
    expect(keysOf(de).toSorted()).toEqual(keysOf(en).toSorted());
  });

  it("stand in locales/ and nowhere else", () => {
    const words = sources("src").flatMap((path) => {
      // Text between tags that has a letter and is no expression.
      const found = readFileSync(path, "utf8").match(/<[A-Za-z][^<>{}=]*>\s*[A-Za-z][A-Za-z ,.']*\s*<\//g) ?? [];
      return found.map((text) => `${path}: ${text}`);
    });
    expect(words).toEqual([]);
  });
});
