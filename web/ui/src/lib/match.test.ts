import { describe, expect, it } from "vitest";

import { carriedBy, matches } from "./match";

describe("what a route carries", () => {
  it.each([
    ["#", "a/b", true],
    ["#", "$SYS/x", false],
    ["a/#", "a", true],
    ["a/+", "a/b", true],
    ["a/+", "a/b/c", false],
    ["a/+/c", "a/b/c", true],
    ["a/b", "a/b/c", false],
  ])("%s selects %s: %s", (filter, topic, expected) => {
    expect(matches(filter, topic)).toBe(expected);
  });

  it("is decided by the first route that matches, with the topic on the other side", () => {
    const topics = ["demo/tank/level", "demo/tank/state", "demo/pump/flow"];
    const routes = [
      { direction: "out", filter: "demo/tank/+", exclude: ["+/+/state"], topic: "site/{1}" },
      { direction: "in", filter: "#" },
      { direction: "out", filter: "demo/#", prefix: "cloud/" },
    ] as const;
    const carried = carriedBy(
      routes.map((route) => ({ ...route, exclude: [...("exclude" in route ? route.exclude : [])] })),
      topics,
    );
    expect(carried.map((list) => list.map(({ remote }) => remote))).toEqual([["site/level"], [], ["cloud/demo/tank/state", "cloud/demo/pump/flow"]]);
  });

  it("knows the rest of a filter", () => {
    const [first] = carriedBy([{ direction: "out", filter: "$share/g/demo/#", topic: "x/{#}" }], ["demo/a/b", "demo"]);
    expect(first?.map(({ remote }) => remote)).toEqual(["x/a/b", "x"]);
  });
});
