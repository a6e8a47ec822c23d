import { describe, expect, it } from "vitest";

import { asProblem, Problem, problemOf } from "./problem";

describe("problemOf", () => {
  it("reads problem details with all wrong fields", () => {
    const problem = problemOf(422, { code: "invalid", detail: "x", field: "a", errors: [{ field: "a", detail: "x" }, { field: "b", detail: "y" }] });
    expect(problem.code).toBe("invalid");
    expect(problem.message).toBe("x");
    expect(problem.fields).toEqual([
      { field: "a", detail: "x" },
      { field: "b", detail: "y" },
    ]);
  });

  it("reads the one field of a problem without a list", () => {
    expect(problemOf(422, { code: "invalid", detail: "x", field: "device.unit" }).fields).toEqual([{ field: "device.unit", detail: "x" }]);
  });

  it("goes by the status where something else answered", () => {
    expect(problemOf(502, "<html>").code).toBe("unavailable");
    expect(problemOf(409, undefined).code).toBe("conflict");
    expect(problemOf(418, { code: "teapot" }).code).toBe("internal");
  });
});

describe("asProblem", () => {
  it("tells a lost network from the rest, and keeps problems", () => {
    const problem = new Problem("conflict", "");
    expect(asProblem(problem)).toBe(problem);
    expect(asProblem(new TypeError("Failed to fetch")).code).toBe("offline");
    expect(asProblem(new DOMException("", "TimeoutError")).code).toBe("offline");
    expect(asProblem("?").code).toBe("internal");
  });
});
