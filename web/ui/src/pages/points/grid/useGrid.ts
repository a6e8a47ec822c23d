import { useDebouncedValue } from "@mantine/hooks";
import { useMemo, useState } from "react";

import { useDevicePreview } from "../../../api/devices";
import type { Config, Device } from "../../../api/model";
import { type Cell, deviceOf, type Draft, rowsOf, textOf, withCells } from "./draft";
import { problemsOf } from "./problems";
import { useDraft } from "./useDraft";

/** After this long without another change the gateway is asked what it thinks. */
const settleMs = 300;

const versions = new WeakMap<Draft, number>();
let lastVersion = 0;

/** versionOf numbers drafts, so that answers belong to one without comparing thousands of points. */
function versionOf(draft: Draft): number {
  const version = versions.get(draft) ?? ++lastVersion;
  versions.set(draft, version);
  return version;
}

/** useGrid is the draft of a device with its rows, and with what the gateway says about it. */
export function useGrid(config: Config, device: Device) {
  const own = useDraft(device.id, device.points);
  const { draft } = own;
  const [search, setSearch] = useState("");
  const all = useMemo(() => rowsOf(device.points, draft), [device.points, draft]);
  const rows = useMemo(() => {
    const wanted = search.trim().toLowerCase();
    return wanted === "" ? all : all.filter((row) => row.edit && !row.base || `${textOf(row, "name")} ${row.key} ${textOf(row, "address")} ${textOf(row, "topic")}`.toLowerCase().includes(wanted));
  }, [all, search]);
  const edited = useMemo(() => deviceOf(device, all), [device, all]);
  const [settled] = useDebouncedValue({ ...edited, draft, revision: config.revision }, settleMs);
  const asked = settled.device.id === device.id ? settled : { ...edited, draft, revision: config.revision };
  const preview = useDevicePreview({ revision: asked.revision, device: asked.device, version: versionOf(asked.draft) });
  const problems = useMemo(() => problemsOf(preview.data?.problems ?? [], asked.kept), [preview.data, asked.kept]);
  const wrong = useMemo(() => new Set([...all.filter((row) => row.wrong.length > 0).map(({ key }) => key), ...[...problems.keys()].map((key) => key.split(" ")[0] ?? "")]), [all, problems]);
  return {
    ...own, all, rows, search, setSearch, edited, preview, problems, wrong,
    /** The answer is about what is seen now. */
    current: asked.draft === draft && !preview.isPlaceholderData && preview.data !== undefined,
    type: (cells: readonly Cell[], from: Draft = draft) => own.set(withCells(device.points, from, cells)),
  };
}
