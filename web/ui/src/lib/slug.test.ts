import { describe, expect, it } from "vitest";

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
