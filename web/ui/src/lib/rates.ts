interface Timed {
  at: number;
}

/** The span over which a rate is taken: long enough to be calm, short enough to follow. */
const windowMs = 5_000;

/**
 * rate is the growth of a counter per second over the last seconds, from samples in order of time. Undefined until two
 * samples exist. A counter that went down was started anew; then nothing is known yet.
 */
export function rate<T extends Timed>(samples: readonly T[], counter: (sample: T) => number): number | undefined {
  const last = samples.at(-1);
  if (last === undefined) {
    return undefined;
  }
  const first = samples.find((sample) => last.at - sample.at <= windowMs);
  if (first === undefined || first === last || last.at <= first.at) {
    return undefined;
  }
  const growth = counter(last) - counter(first);
  return growth < 0 ? undefined : (growth * 1000) / (last.at - first.at);
}

/** rateSeries gives the rate at each sample, for a chart; null where none is known. */
export function rateSeries<T extends Timed>(
  samples: readonly T[],
  counter: (sample: T) => number,
): (number | null)[] {
  let from = 0;
  return samples.map((sample, index) => {
    for (let first = samples[from]; first && sample.at - first.at > windowMs; first = samples[from]) {
      from++;
    }
    return rate(samples.slice(from, index + 1), counter) ?? null;
  });
}
