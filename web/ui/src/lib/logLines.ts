import type { LogLine } from "../api/model";

/** As many as the gateway keeps, and some that came meanwhile. */
const most = 2_000;

/** merged puts new lines behind those that are known; a first line that is not newer begins anew, after a restart. */
export function merged(known: readonly LogLine[], fresh: readonly LogLine[]): readonly LogLine[] {
  const first = fresh[0];
  if (!first) {
    return known;
  }
  const last = known.at(-1);
  return last && first.number > last.number ? [...known, ...fresh].slice(-most) : fresh;
}
