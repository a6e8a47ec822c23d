import { useEffect, useReducer } from "react";

import type { Point } from "../../../api/model";
import { type Conflict, conflictsOf, type Draft, rebased } from "./draft";
import { beginning, type Course, done, redone, undone } from "./undo";

const keyOf = (device: string) => `tidegate.draft.${device}`;

/** kept reads the draft that this browser has of a device; what cannot be read is none. */
function kept(device: string): Draft {
  try {
    const entries: unknown = JSON.parse(localStorage.getItem(keyOf(device)) ?? "[]");
    return new Map(Array.isArray(entries) ? (entries as [string, never][]) : []);
  } catch {
    return new Map();
  }
}

function keep(device: string, draft: Draft) {
  try {
    if (draft.size === 0) {
      localStorage.removeItem(keyOf(device));
    } else {
      localStorage.setItem(keyOf(device), JSON.stringify([...draft]));
    }
  } catch {
    // A full or forbidden store costs the draft at a reload, nothing else.
  }
}

type Step = { do: "set"; draft: Draft } | { do: "undo" } | { do: "redo" } | { do: "start"; draft: Draft };

function next(course: Course, step: Step): Course {
  switch (step.do) {
    case "set":
      return done(course, step.draft);
    case "undo":
      return undone(course);
    case "redo":
      return redone(course);
    case "start":
      return beginning(step.draft);
  }
}

export interface DraftOf {
  draft: Draft;
  conflicts: Conflict[];
  canUndo: boolean;
  canRedo: boolean;
  set: (draft: Draft) => void;
  undo: () => void;
  redo: () => void;
  /** Forgets everything, also what could be undone. */
  discard: () => void;
  resolve: (keep: "mine" | "theirs") => void;
}

/** useDraft is the draft of a device over the points that the gateway has; the browser keeps it. */
export function useDraft(device: string, points: readonly Point[]): DraftOf {
  const [course, act] = useReducer(next, device, (id) => beginning(kept(id)));
  const { now } = course;
  useEffect(() => keep(device, now), [device, now]);
  return {
    draft: now,
    conflicts: conflictsOf(points, now),
    canUndo: course.past.length > 0,
    canRedo: course.future.length > 0,
    set: (draft) => act({ do: "set", draft }),
    undo: () => act({ do: "undo" }),
    redo: () => act({ do: "redo" }),
    discard: () => act({ do: "start", draft: new Map() }),
    resolve: (which) => act({ do: "set", draft: rebased(points, now, which) }),
  };
}
