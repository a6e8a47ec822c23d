import { describe, expect, it } from "vitest";

import { formatBytes, formatRate, formatSpan, formatValue, unknown } from "./format";

describe("formatValue", () => {
  it("never shows a number for what is not known", () => {
    expect(formatValue(null, "en")).toBe(unknown);
    expect(formatValue(undefined, "en")).toBe(unknown);
  });

  it("writes values as people do", () => {
    expect(formatValue(21.4, "en")).toBe("21.4");
    expect(formatValue(21.4, "de")).toBe("21,4");
    expect(formatValue(1250017, "en")).toBe("1250017");
    expect(formatValue(true, "en")).toBe("true");
    expect(formatValue([21.4, null, 3], "en")).toBe("21.4, —, 3");
    expect(formatValue([21.4, 3], "de")).toBe("21,4; 3");
    expect(formatValue("9007199254740993", "en")).toBe("9007199254740993");
  });
});

describe("sizes and times", () => {
  it("chooses the unit", () => {
    expect(formatBytes(949, "en")).toBe("949 B");
    expect(formatBytes(23_940, "en")).toBe("23.9 KB");
    expect(formatSpan(12_000, "en")).toBe("12 sec");
    expect(formatSpan(7_300_000, "en")).toBe("2 hr");
    expect(formatRate(0, "en")).toBe("0");
    expect(formatRate(2.46, "en")).toBe("2.5");
    expect(formatRate(240.6, "en")).toBe("241");
  });
});
