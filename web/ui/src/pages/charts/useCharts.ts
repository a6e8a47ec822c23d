import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";

import { useConfig } from "../../api/config";
import { usePasts } from "../../api/history";
import type { Past } from "../../api/model";
import { useNow } from "../../lib/useNow";
import { type Row, rowsOf } from "../points/rows";
import { type Line, lookOf, mostLines, scaleOf } from "./lines";
import { readView, type View, writeView } from "./view";

/** How often a view that follows now moves on. */
const paceMs = 5_000;

/** useCharts is the state of the page, which is all in its address, and the past that belongs to it. */
export function useCharts() {
  const search: Record<string, unknown> = useSearch({ strict: false });
  const navigate = useNavigate();
  const config = useConfig();
  const text = (name: string) => (search[name] === undefined ? "" : String(search[name]));
  const set = (next: Record<string, string | undefined>) =>
    void navigate({ to: ".", search: ((old: Record<string, unknown>) => ({ ...old, ...next })) as never, replace: true });

  const view = readView({ span: text("span"), from: text("from"), to: text("to") });
  const now = useNow(paceMs);
  const all = useMemo(() => (config.data ? rowsOf(config.data, "", "") : []), [config.data]);
  const names = text("points");
  const rows = useMemo(() => chosenRows(all, names), [all, names]);
  const past = usePasts(rows.map(({ device, point }) => ({ device: device.id, point: point.id })), view.span, view.end);
  const { data } = past;
  const lines = useMemo(
    () => rows.map((row, i): Line => ({ row, look: lookOf(i), scale: scaleOf(row), buckets: data?.[row.key]?.buckets ?? [] })),
    [rows, data],
  );
  return {
    config,
    all,
    rows,
    view,
    now,
    lines,
    source: sourceOf(rows.map(({ key }) => data?.[key]?.source)),
    past,
    setView: (next: View) => set(writeView(next)),
    setRows: (keys: readonly string[]) => set({ points: keys.slice(0, mostLines).join(",") || undefined }),
  } as const;
}

/** chosenRows are the points of an address that exist, each once. */
export function chosenRows(all: readonly Row[], names: string): Row[] {
  const byKey = new Map(all.map((row) => [row.key, row]));
  return [...new Set(names.split(","))].flatMap((key) => byKey.get(key) ?? []).slice(0, mostLines);
}

/** sourceOf is the coarsest one: where it is not raw, there are no single readings. */
function sourceOf(sources: readonly (Past["source"] | undefined)[]): Past["source"] {
  return (["hours", "minutes"] as const).find((coarse) => sources.includes(coarse)) ?? "raw";
}
