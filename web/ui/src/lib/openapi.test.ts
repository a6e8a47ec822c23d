import { describe, expect, it } from "vitest";

import { boundsOf, curlOf, type Description, groupsOf, resolve, schemaOf, typeOf } from "./openapi";

const description: Description = {
  paths: {
    "/api/v1/devices": {
      get: { summary: "All devices", responses: {} },
      post: { summary: "Add a device", requestBody: { content: { "application/json": { schema: { $ref: "#/components/schemas/Device" } } } }, responses: {} },
    },
    "/api/v1/devices/{id}": { delete: { summary: "Remove a device", responses: {} } },
    "/api/v1/bridges": { get: { summary: "All bridges", responses: {} } },
    "/metrics": { get: { summary: "Prometheus", responses: {} } },
  },
  components: { schemas: { Device: { type: "object", properties: { id: { type: "string" } } } } },
};

describe("the reference of the API", () => {
  it("is grouped by what the paths are about", () => {
    expect(groupsOf(description, "").map(({ name, operations }) => [name, operations.length])).toEqual([
      ["bridges", 1],
      ["devices", 3],
      ["metrics", 1],
    ]);
  });

  it("finds what has all words", () => {
    expect(groupsOf(description, " device  add ").flatMap(({ operations }) => operations.map(({ id }) => id))).toEqual(["post /api/v1/devices"]);
    expect(groupsOf(description, "nothing")).toEqual([]);
  });

  it("names types", () => {
    expect(typeOf({ $ref: "#/components/schemas/Device" })).toBe("Device");
    expect(typeOf({ type: "array", items: { type: "integer", format: "int64" } })).toBe("integer (int64)[]");
    expect(typeOf({ type: "object", additionalProperties: { type: "string" } })).toBe("{ [name]: string }");
    expect(typeOf({ type: ["string", "null"] })).toBe("string | null");
    expect(typeOf({})).toBe("any");
  });

  it("names bounds", () => {
    expect(boundsOf({ enum: ["a", "b"] })).toBe("a, b");
    expect(boundsOf({ minimum: 0, maximum: 9 })).toBe("≥ 0 · ≤ 9");
    expect(boundsOf({ maxLength: 64, pattern: "^a" })).toBe("0…64 · ^a");
  });

  it("follows references, and makes a command", () => {
    const add = groupsOf(description, "add")[0]?.operations[0];
    expect(add && resolve(schemaOf(add.requestBody)?.schema ?? {}, description).properties).toEqual({ id: { type: "string" } });
    expect(add && curlOf(add, "http://gate")).toBe(
      'curl -H "Authorization: Bearer $TOKEN" -X POST -H "Content-Type: application/json" -d @body "http://gate/api/v1/devices"',
    );
  });
});
