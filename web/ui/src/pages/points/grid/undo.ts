// What was done can be undone and done again (pure).
import { type Draft, noDraft } from "./draft";

export interface Course {
  past: readonly Draft[];
  now: Draft;
  future: readonly Draft[];
}

const longest = 100;

export const beginning = (now: Draft = noDraft): Course => ({ past: [], now, future: [] });

export function done(course: Course, now: Draft): Course {
  return now === course.now ? course : { past: [...course.past, course.now].slice(-longest), now, future: [] };
}

export function undone(course: Course): Course {
  const now = course.past.at(-1);
  return now ? { past: course.past.slice(0, -1), now, future: [course.now, ...course.future] } : course;
}

export function redone(course: Course): Course {
  const [now, ...future] = course.future;
  return now ? { past: [...course.past, course.now], now, future } : course;
}
