// The gateway's wall time as far as the browser knows it: ages are told by the clock that stamped the readings, also
// where the clocks of laptop and gateway are hours apart.

let offsetMs = 0;

/** A difference below this is network delay and the Date header's rounding to seconds. */
const toleranceMs = 2_000;

/** noteServerTime takes the Date header of an answer. */
export function noteServerTime(header: string | null, now: number): void {
  const server = header === null ? Number.NaN : Date.parse(header);
  if (Number.isNaN(server)) {
    return;
  }
  const difference = server - now;
  offsetMs = Math.abs(difference) < toleranceMs ? 0 : difference;
}

/** gatewayTime turns the browser's time into the gateway's. */
export function gatewayTime(now: number): number {
  return now + offsetMs;
}
