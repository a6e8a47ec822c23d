const unitMs: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, "µs": 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** parseDuration reads Go's notation ("1m30s", "200ms") into milliseconds; NaN when it is not one. */
export function parseDuration(text: string): number {
  if (text === "" || text === "0") {
    return 0;
  }
  let total = 0;
  let rest = text;
  while (rest !== "") {
    const match = /^(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/.exec(rest);
    if (!match) {
      return Number.NaN;
    }
    total += Number(match[1]) * (unitMs[match[2] ?? ""] ?? Number.NaN);
    rest = rest.slice(match[0].length);
  }
  return total;
}
