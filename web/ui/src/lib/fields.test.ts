import { expect, it } from "vitest";

import { fieldErrors } from "./fields";

it("puts problems at the fields of the form, and leaves over what belongs to none", () => {
  const { errors, rest } = fieldErrors(
    [
      { field: "device.points[3].mapping.topic", detail: "taken" },
      { field: "connection.url", detail: "no host" },
      { field: "bridge.routes[1].filter", detail: "wild" },
      { field: "device.unit", detail: "too big" },
      { field: "revision", detail: "missing" },
    ],
    { "point.mapping.topic": "topic", "connection.url": "host", "routes.1.filter": "routes.1.filter", "device.unit": "unit" },
  );
  expect(errors).toEqual({ topic: "taken", host: "no host", "routes.1.filter": "wild", unit: "too big" });
  expect(rest).toEqual(["missing"]);
});

it("does not take a longer word for a field", () => {
  expect(fieldErrors([{ field: "device.subunit", detail: "x" }], { unit: "unit" }).errors).toEqual({});
});
