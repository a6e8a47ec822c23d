import { expect, it } from "vitest";

import type { BrokerMessage } from "../api/model";
import { type Passing, withPassed } from "./passing";

const message = (topic: string): BrokerMessage => ({ topic, payload: "", size: 0, qos: 0, retain: false });

it("keeps the newest hundred messages, the newest first, and counts all", () => {
  let passing: Passing = { messages: [], count: 0, dropped: 0, state: "lost" };
  for (let batch = 0; batch < 10; batch++) {
    passing = withPassed(passing, { messages: Array.from({ length: 20 }, (_, index) => message(`${batch}/${index}`)), dropped: 3 });
  }
  expect(passing.messages).toHaveLength(100);
  expect(passing.messages[0]).toEqual({ number: 199, message: message("9/19") });
  expect(passing.messages.at(-1)).toEqual({ number: 100, message: message("5/0") });
  expect(passing).toMatchObject({ count: 200, dropped: 30, state: "open" });
  expect(new Set(passing.messages.map(({ number }) => number)).size).toBe(100);
});
