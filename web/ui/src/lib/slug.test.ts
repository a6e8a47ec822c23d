import { describe, expect, it } from "vitest";

import { parseDuration } from "./duration";
import { freeID, isID, slug } from "./slug";

describe("ids from names", () => {
  it.each([
    ["Pump 3 (north)", "pump-3-north"],
    ["Größe Öl", "grosse-ol"],
    ["--", ""],
  ])("%s becomes %s", (name, id) => {
    expect(slug(name)).toBe(id);
  });

  it("are free, and what the gateway accepts", () => {
    expect(freeID("tank", ["tank", "tank-2"])).toBe("tank-3");
    expect(isID(slug("x".repeat(100)))).toBe(true);
    expect(isID("-a")).toBe(false);
  });
});

describe("parseDuration", () => {
  it("reads Go's notation", () => {
    expect(parseDuration("1m30s")).toBe(90_000);
    expect(parseDuration("200ms")).toBe(200);
    expect(parseDuration("soon")).toBeNaN();
  });
});
