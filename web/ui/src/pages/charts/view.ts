// What a chart shows of the time, and how zooming and panning change that. Times are milliseconds.

/** A stretch of time up to `end`, or up to now while that is undefined. */
export interface View {
  span: number;
  end: number | undefined;
}

export interface Stretch {
  from: number;
  to: number;
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

export const spans = { hour, shift: 8 * hour, day, week: 7 * day, month: 30 * day, year: 365 * day } as const;
export type Span = keyof typeof spans;
export const spanNames = Object.keys(spans) as Span[];

export const shortest = minute;
/** A year and a day is more than the history keeps by default; the export takes no more. */
export const longest = 366 * day;

export const firstView: View = { span: hour, end: undefined };

/** stretchOf is what is shown now. */
export function stretchOf({ span, end }: View, now: number): Stretch {
  const to = end ?? now;
  return { from: to - span, to };
}

/** viewOf is the view of a stretch; what reaches up to now follows it. */
export function viewOf({ from, to }: Stretch, now: number): View {
  const span = Math.round(Math.min(Math.max(to - from, shortest), longest));
  const end = Math.round((from + to) / 2 + span / 2);
  return end >= now ? { span, end: undefined } : { span, end };
}

/** zoom makes the stretch `factor` times as long around a place in it, 0 to 1. */
export function zoom(view: View, factor: number, now: number, place = 0.5): View {
  const { from, to } = stretchOf(view, now);
  const span = Math.min(Math.max((to - from) * factor, shortest), longest);
  const middle = from + (to - from) * place;
  return viewOf({ from: middle - span * place, to: middle + span * (1 - place) }, now);
}

/** pan moves the stretch by a part of its length, to the past when that is negative; never beyond now. */
export function pan(view: View, part: number, now: number): View {
  const { from, to } = stretchOf(view, now);
  const shift = Math.min((to - from) * part, now - to);
  return viewOf({ from: from + shift, to: to + shift }, now);
}

export interface ViewParams {
  span?: string;
  from?: string;
  to?: string;
}

/** readView understands an address; what makes no sense is the last hour. */
export function readView({ span = "", from = "", to = "" }: ViewParams): View {
  const [begin, end] = [Date.parse(from), Date.parse(to)];
  if (end - begin >= shortest && end - begin <= longest) {
    return { span: end - begin, end };
  }
  const length = spans[span as Span] ?? Number(/^(\d+)s$/.exec(span)?.[1]) * 1000;
  return length >= shortest && length <= longest ? { span: length, end: undefined } : firstView;
}

/** writeView is the shortest address of a view. */
export function writeView({ span, end }: View): Record<keyof ViewParams, string | undefined> {
  if (end !== undefined) {
    return { span: undefined, from: new Date(end - span).toISOString(), to: new Date(end).toISOString() };
  }
  const name = spanNames.find((candidate) => spans[candidate] === span);
  return { span: name ?? `${Math.round(span / 1000)}s`, from: undefined, to: undefined };
}
