const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, µs: 0.001, us: 0.001, ns: 0.000_001 };

/** durationMs reads a length of time as the gateway writes it ("1m30s", "500ms"); undefined when it is none. */
export function durationMs(text: string | undefined): number | undefined {
  if (!text || !/^(\d+(\.\d+)?(h|ms|m|s|µs|us|ns))+$/.test(text)) {
    return undefined;
  }
  let sum = 0;
  for (const [, digits, unit] of text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s|µs|us|ns)/g)) {
    sum += Number(digits) * (unitMs[unit ?? ""] ?? 0);
  }
  return sum;
}
