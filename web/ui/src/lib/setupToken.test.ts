import { describe, expect, it } from "vitest";

import { takeSetupToken, tokenIn } from "./setupToken";

describe("the set-up token", () => {
  it("is found in the fragment of the printed link only", () => {
    expect(tokenIn("#setup=ABC")).toBe("ABC");
    expect(tokenIn("#/devices")).toBeUndefined();
    expect(tokenIn("")).toBeUndefined();
  });

  it("leaves the address, so that it does not stay in the history", () => {
    const kept = new Map<string, string>();
    let address = "";
    takeSetupToken({
      location: { hash: "#setup=ABC", pathname: "/", search: "" },
      history: { replaceState: (_data, _unused, url) => (address = url) },
      sessionStorage: { setItem: (key, value) => kept.set(key, value) },
    });
    expect([...kept.values()]).toEqual(["ABC"]);
    expect(address).toBe("/#/setup");
  });
});
