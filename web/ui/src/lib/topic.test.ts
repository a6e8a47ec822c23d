import { expect, it } from "vitest";

import { sharedOf } from "./topic";

it.each([
  ["$share/crew/plant/#", { group: "crew", filter: "plant/#" }],
  ["$share/crew//tank", { group: "crew", filter: "/tank" }],
  ["$share/crew/", undefined],
  ["$share/crew", undefined],
  ["$share//plant", undefined],
  ["press-7", undefined],
  ["line/$share/crew/plant", undefined],
])("reads %s as a shared subscription", (name, shared) => {
  expect(sharedOf(name)).toEqual(shared);
});
