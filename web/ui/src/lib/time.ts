// Times as people at the site read them. All of the page writes times by these functions, so that nobody has to know in
// which zone a browser happens to be.

const storageKey = "tidegate-zone";

/** The zone of the browser, for comparison and as a proposal. */
export function browserZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

// That of the last visit, until the gateway says which it is.
let zone = usable(globalThis.localStorage?.getItem(storageKey) ?? "") ?? browserZone();

/** siteZone is the time zone of the site, as far as it is known. */
export function siteZone(): string {
  return zone;
}

/** noteSiteZone takes what the gateway says; a browser that does not know the zone shows UTC. True when it is another one. */
export function noteSiteZone(name: string): boolean {
  if (name === zone) {
    return false;
  }
  const next = usable(name) ?? "UTC";
  const changed = next !== zone;
  zone = next;
  globalThis.localStorage?.setItem(storageKey, next);
  return changed;
}

/** zonesDiffer: the clocks of the browser show other times than those of the site, now or half a year later. */
export function zonesDiffer(now: number): boolean {
  return [now, now + 182 * 86_400_000].some((at) => offsetMs(at) !== -new Date(at).getTimezoneOffset() * 60_000);
}

function usable(name: string): string | undefined {
  if (name === "") {
    return undefined;
  }
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone && name;
  } catch {
    return undefined;
  }
}

const formats = new Map<string, Intl.DateTimeFormat>();

// A plant has 24 hours, and a date whose month nobody can mistake for the day.
const styles: Readonly<Record<string, string>> = { en: "en-GB" };

/** timeFormat is a format in the zone of the site; making one is slow, so they are kept. */
export function timeFormat(language: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify([zone, language, options]);
  const format = formats.get(key) ?? new Intl.DateTimeFormat(styles[language] ?? language, { ...options, timeZone: zone });
  formats.set(key, format);
  return format;
}

/** formatTime is a moment as people write it, to the second. */
export function formatTime(time: string | Date, language: string): string {
  return timeFormat(language, { dateStyle: "medium", timeStyle: "medium" }).format(new Date(time));
}

/** formatUTC is for who compares with payloads and logs. */
export function formatUTC(time: string | Date): string {
  return `${new Date(time).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

const fields: Intl.DateTimeFormatOptions = {
  year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", era: "short",
};

/** offsetMs is how much the clocks of the site are ahead of UTC at a moment. */
export function offsetMs(at: number): number {
  const parts = timeFormat("en", fields).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((one) => one.type === type)?.value);
  const clock = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
  return clock - Math.floor(at / 1000) * 1000;
}

/** toSite is a moment as a field for local times has it: 2026-10-25T02:30. */
export function toSite(at: number): string {
  return new Date(at + offsetMs(at)).toISOString().slice(0, 16);
}

/**
 * fromSite is the moment of a local time of the site; undefined when the text is none. Of a time that comes twice it is
 * the first one, and one that is left out counts as if the clock had not been put forward.
 */
export function fromSite(text: string): number | undefined {
  const clock = Date.parse(`${text}Z`);
  if (Number.isNaN(clock)) {
    return undefined;
  }
  // The offset a day before and after are those on both sides of a change.
  const day = 86_400_000;
  const [before, after] = [offsetMs(clock - day), offsetMs(clock + day)];
  const fits = [clock - before, clock - after].filter((at) => at + offsetMs(at) === clock);
  return fits.length > 0 ? Math.min(...fits) : clock - before;
}
