import { describe, expect, it } from "vitest";

import { hoursOf, hoursText, linkOf, linkValues, storageOf, storageValues } from "./options";

describe("the options of a bridge", () => {
  it("are typed in hours and gigabytes, and keep what is not shown", () => {
    const stored = { maxAge: "72h0m0s", maxBytes: 2_000_000_000, freeDisk: 7, overflow: "thin-out", thinOut: "10s" } as const;
    expect(storageValues(stored)).toEqual({ hours: 72, gigabytes: 2, overflow: "thin-out", qos0: false });
    expect(storageOf(storageValues(stored), stored)).toEqual({ ...stored, maxAge: "259200s" });
  });

  it("have an interval where they thin out, and only there", () => {
    const values = storageValues(undefined);
    expect(storageOf(values, undefined)).toBeUndefined();
    expect(storageOf({ ...values, overflow: "thin-out" }, undefined)).toEqual({ overflow: "thin-out", thinOut: "1m0s" });
  });

  it("have hours as text", () => {
    const hours = [{ from: "22:00", to: "06:00", days: ["mon", "tue"] }, { from: "12:00", to: "13:00" }];
    expect(hoursText(hours)).toBe("22:00-06:00 mon tue; 12:00-13:00");
    expect(hoursOf("22:00-06:00 Mon, tue; 12:00-13:00;")).toEqual([hours[0], { ...hours[1], days: undefined }]);
  });

  it("have hours only with a schedule", () => {
    const stored = { start: "schedule", hours: [{ from: "1:00", to: "2:00" }], retryMax: "10s" } as const;
    const values = linkValues({ ...stored, hours: [...stored.hours] });
    expect(linkOf(values, { retryMax: "10s" })).toMatchObject({ start: "schedule", retryMax: "10s", hours: [{ from: "1:00", to: "2:00" }] });
    expect(linkOf({ ...values, start: "always" }, undefined)).toBeUndefined();
  });
});
