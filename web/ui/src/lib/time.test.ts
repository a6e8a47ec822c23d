import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { browserZone, formatTime, formatUTC, fromSite, noteSiteZone, offsetMs, siteZone, timeFormat, toSite } from "./time";

const former = siteZone();

describe("times of the site", () => {
  beforeAll(() => {
    noteSiteZone("Europe/Berlin");
  });
  afterAll(() => {
    noteSiteZone(former);
  });

  it.each([
    // The clock is put forward at 01:00 UTC on 29 March, and back on 25 October.
    ["2026-03-29T00:59:59Z", "29 Mar 2026, 01:59:59", 1],
    ["2026-03-29T01:00:00Z", "29 Mar 2026, 03:00:00", 2],
    ["2026-10-25T00:30:00Z", "25 Oct 2026, 02:30:00", 2],
    ["2026-10-25T01:30:00Z", "25 Oct 2026, 02:30:00", 1],
    ["1969-12-31T23:30:00Z", "1 Jan 1970, 00:30:00", 1],
  ])("%s is %s", (utc, local, hours) => {
    expect(formatTime(utc, "en-GB")).toBe(local);
    expect(offsetMs(Date.parse(utc))).toBe(hours * 3_600_000);
  });

  it("is UTC for who compares", () => {
    expect(formatUTC("2026-10-25T02:30:00+02:00")).toBe("2026-10-25 00:30:00 UTC");
  });

  it.each([
    ["2026-07-01T12:00", "2026-07-01T10:00:00.000Z"],
    ["2026-03-29T01:59", "2026-03-29T00:59:00.000Z"],
    // Left out, as if the clock had gone on.
    ["2026-03-29T02:30", "2026-03-29T01:30:00.000Z"],
    ["2026-03-29T03:00", "2026-03-29T01:00:00.000Z"],
    // Comes twice: the first one.
    ["2026-10-25T02:30", "2026-10-25T00:30:00.000Z"],
    ["2026-10-25T03:00", "2026-10-25T02:00:00.000Z"],
  ])("reads %s", (local, utc) => {
    expect(new Date(fromSite(local) ?? 0).toISOString()).toBe(utc);
  });

  it("writes and reads fields alike", () => {
    for (let at = Date.UTC(2026, 0, 1); at < Date.UTC(2027, 0, 1); at += 7 * 3_600_000 + 60_000) {
      const again = fromSite(toSite(at)) ?? 0;
      expect([0, -3_600_000]).toContain(again - at);
    }
    expect(fromSite("yesterday")).toBeUndefined();
  });

  it("shows UTC where the browser does not know the zone, and says what changed", () => {
    expect(noteSiteZone("Mars/Olympus")).toBe(true);
    expect(siteZone()).toBe("UTC");
    expect(noteSiteZone("Europe/Berlin")).toBe(true);
    expect(noteSiteZone("Europe/Berlin")).toBe(false);
    expect(timeFormat("en", {}).resolvedOptions().timeZone).toBe("Europe/Berlin");
    expect(browserZone()).not.toBe("");
  });
});
