import { describe, expect, it } from "vitest";

import { bytesOf } from "./payload";
import { decodeSparkplug } from "./sparkplug";

// Made by an encoder of its own, field by field, in the order of sparkplug_b.proto.
const payload =
  "CIiZpuW3MxIdCgtUZW1wZXJhdHVyZRAHGIiZpuW3MyAJZWZmqkESEgoFUG93ZXIgCmkAAAAAAADAvxIQCgZPZmZzZXQgA1D7////DxIVCgZFbmVyZ3kgCFj///////////8BEg8KB1J1bm5pbmcgCygBcAESCxAIIAx6BWdyw7xuEgoKBExvc3QgCTgBEgwKA1JhdyARggECAf8SEAoFU2luY2UgDViImabltzMSGAoFVGFibGUgEIoBDAgCEgFhEgFiIgAiABIdCgVNb3RvciATkgEREgcKBXNwZWVkEgYKBGxvYWQYDA==";

describe("a payload of Sparkplug B", () => {
  const decoded = decodeSparkplug(bytesOf(payload));

  it("has a time, a sequence number and metrics", () => {
    expect(decoded.time).toBe(Date.parse("2026-01-02T03:04:05Z"));
    expect(decoded.sequence).toBe("12");
    expect(decoded.metrics.map(({ name, alias, type, value }) => [name || alias, type, value])).toEqual([
      ["Temperature", "Float", "21.3"],
      ["Power", "Double", "-0.125"],
      ["Offset", "Int32", "-5"],
      ["Energy", "UInt64", "18446744073709551615"],
      ["Running", "Boolean", "true"],
      ["8", "String", "grün"],
      ["Lost", "Float", undefined],
      ["Raw", "Bytes", "01 ff"],
      ["Since", "DateTime", "2026-01-02T03:04:05.000Z"],
      ["Table", "DataSet", "[a, b] × 2"],
      ["Motor", "Template", "{speed, load}"],
    ]);
    expect(decoded.metrics[0]).toMatchObject({ alias: "7", time: decoded.time, historical: false });
    expect(decoded.metrics[4]?.historical).toBe(true);
  });

  it("is refused where it ends too soon or is something else", () => {
    const bytes = bytesOf(payload);
    for (const wrong of [bytes.subarray(0, 20), new Uint8Array([0x12, 0x05, 1]), new TextEncoder().encode("21.5"), new Uint8Array([0x0f, 1])]) {
      expect(() => decodeSparkplug(wrong), String(wrong)).toThrow(RangeError);
    }
    expect(() => decodeSparkplug(new Uint8Array(20).fill(0xff))).toThrow(RangeError);
    expect(decodeSparkplug(new Uint8Array())).toEqual({ time: undefined, sequence: undefined, metrics: [] });
  });
});
