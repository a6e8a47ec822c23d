import { describe, expect, it } from "vitest";

import { base64Of, bytesOf, bytesOfHex, hexLines, prettyJSON, textOf, viewsOf } from "./payload";

const utf8 = (text: string) => new TextEncoder().encode(text);

describe("a payload", () => {
  it("is looked at in the ways that fit, the best first", () => {
    for (const [topic, bytes, want] of [
      ["a", utf8('{"v":1}'), ["json", "text", "hex"]],
      ["a", utf8("21.5"), ["json", "text", "hex"]],
      ["a", utf8("on, off"), ["text", "hex"]],
      ["a", utf8("tab\tand line\n"), ["text", "hex"]],
      ["a", new Uint8Array([0xff, 0xfe]), ["hex"]],
      ["a", new Uint8Array([0, 1, 2]), ["hex"]],
      ["a", new Uint8Array(), ["text", "hex"]],
      ["spBv1.0/plant/NDATA/edge", new Uint8Array([8, 1]), ["sparkplug", "hex"]],
      ["spBv1.0/STATE/host", utf8('{"online":true}'), ["json", "text", "hex"]],
    ] as const) {
      expect(viewsOf(topic, bytes), `${topic} ${bytes}`).toEqual(want);
    }
  });

  it("may be cut within a character", () => {
    const cut = utf8("23 °C ä").subarray(0, 8);
    expect(textOf(cut)).toBeUndefined();
    expect(textOf(cut, false)).toBe("23 °C ");
  });

  it("comes as Base64", () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    expect(bytesOf(base64Of(bytes))).toEqual(bytes);
    expect(bytesOf("")).toEqual(new Uint8Array());
  });

  it("is broken into lines with every number as it is written", () => {
    expect(prettyJSON('{"a":[1,{"b":9007199254740993}],"c":{},"d":[ ],"e":"x, {\\"y\\": 1}","f":1.50}')).toBe(
      '{\n  "a": [\n    1,\n    {\n      "b": 9007199254740993\n    }\n  ],\n  "c": {},\n  "d": [],\n  "e": "x, {\\"y\\": 1}",\n  "f": 1.50\n}',
    );
    expect(prettyJSON(" 21.50 ")).toBe("21.50");
    expect(prettyJSON("[[],[{}]]")).toBe("[\n  [],\n  [\n    {}\n  ]\n]");
  });

  it("is bytes and letters", () => {
    expect(hexLines(utf8("0123456789abcdefg\u0001"))).toEqual([
      "0000  30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66  0123456789abcdef",
      "0010  67 01                                            g.",
    ]);
    expect(hexLines(utf8("ab"), 8)).toEqual(["0000  61 62                    ab"]);
  });

  it("is typed in hexadecimal", () => {
    expect(bytesOfHex("0A ff:10\n")).toEqual(new Uint8Array([10, 255, 16]));
    expect(bytesOfHex("")).toEqual(new Uint8Array());
    expect(bytesOfHex("abc")).toBeUndefined();
    expect(bytesOfHex("zz")).toBeUndefined();
  });
});
