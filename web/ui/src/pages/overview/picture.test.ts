import { expect, it } from "vitest";

import type { State } from "../../api/model";
import { together } from "./picture";

it.each<[State[], State]>([
  [[], "disabled"],
  [["disabled"], "disabled"],
  [["up", "up", "disabled"], "up"],
  [["down", "down"], "down"],
  [["starting"], "starting"],
  [["up", "down"], "degraded"],
  [["degraded"], "degraded"],
])("%j together are %s", (states, state) => {
  expect(together(states)).toBe(state);
});
