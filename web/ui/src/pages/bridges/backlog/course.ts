// What the chart and its table make of the samples of a backlog.
import type { BacklogSample } from "../../../api/model";

/** The columns of the chart: seconds, messages that wait, queued and sent per second. */
export type Columns = [number[], number[], number[], number[]];

export function columnsOf(samples: readonly BacklogSample[]): Columns {
  return [
    samples.map((sample) => Date.parse(sample.at) / 1000),
    samples.map((sample) => sample.messages),
    samples.map((sample) => sample.in.messages),
    samples.map((sample) => sample.out.messages),
  ];
}

/** outagesOf lists the stretches in seconds in which the bridge was not connected. */
export function outagesOf(samples: readonly BacklogSample[]): [number, number][] {
  const outages: [number, number][] = [];
  let from: number | undefined;
  let last = 0;
  for (const sample of samples) {
    const at = Date.parse(sample.at) / 1000;
    if (!sample.up && from === undefined) {
      from = last || at;
    }
    if (sample.up && from !== undefined) {
      outages.push([from, at]);
      from = undefined;
    }
    last = at;
  }
  if (from !== undefined) {
    outages.push([from, last]);
  }
  return outages;
}

/** thinned keeps at most `most` of the samples, the first and the last among them. */
export function thinned(samples: readonly BacklogSample[], most: number): BacklogSample[] {
  const step = Math.max(1, Math.ceil(samples.length / most));
  return samples.filter((_, index) => (samples.length - 1 - index) % step === 0);
}
