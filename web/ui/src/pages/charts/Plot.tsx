import "uplot/dist/uPlot.min.css";

import { useComputedColorScheme } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { type KeyboardEvent, useEffect, useEffectEvent, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import UPlot from "uplot";

import { useIsPhone } from "../../lib/useIsPhone";
import { siteZone, timeFormat } from "../../lib/time";
import { lonely } from "../../lib/past";
import styles from "./charts.module.css";
import { drawGround, type Ground, writeGround } from "./draw";
import { followHands } from "./gestures";
import { common, dataOf, type Line, troubledOf } from "./lines";
import { pan, type Stretch, stretchOf, type View, viewOf, zoom } from "./view";

const colours = {
  light: { text: "#55646c", grid: "#e2e8eb", gap: "#b9c7ce55" },
  dark: { text: "#9aabb3", grid: "#263239", gap: "#40525b66" },
};

interface Props {
  lines: readonly Line[];
  view: View;
  now: number;
  /** The line whose axis is shown in any case. */
  chosen: string;
  /** What the chart shows, in words. */
  label: string;
  onView: (view: View) => void;
  /** The moment below the pointer. */
  onCursor: (at: number | undefined) => void;
}

/** Plot draws the lines; hands and keys move its view. Other lines need another key. */
export function Plot({ lines, view, now, chosen, label, onView, onCursor }: Props) {
  const { t, i18n } = useTranslation();
  const language = i18n.language;
  const scheme = useComputedColorScheme("light");
  const phone = useIsPhone();
  const { ref, width } = useElementSize();
  const target = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot>(null);
  const stretch = stretchOf(view, now);
  const height = phone ? 300 : 420;
  const data = useMemo(() => dataOf(lines), [lines]);
  const ground = groundOf(lines, stretch, now, scheme, t("chart.nothing"));
  const latest = useRef({ data, stretch, ground, lines });
  const axes = axesOf(lines, chosen, phone ? 2 : 4).join("\n");

  const moved = useEffectEvent((from: number, to: number) => onView(viewOf(partOf(stretch, from, to), now)));
  const zoomed = useEffectEvent((factor: number, place: number) => onView(zoom(view, factor, now, place)));
  const pointed = useEffectEvent(onCursor);

  useEffect(() => {
    latest.current = { data, stretch, ground, lines };
  });

  useEffect(() => {
    const { current } = target;
    if (!current || width === 0) {
      return undefined;
    }
    const chart = new UPlot(optionsOf(latest, { width, height, scheme, language, axes: axes.split("\n"), onCursor: pointed }), latest.current.data, current);
    showStretch(chart, latest.current.stretch);
    plot.current = chart;
    let last: [number, number] | undefined;
    const end = followHands(chart.over, {
      onMove: (from, to) => {
        last = [from, to];
        showStretch(chart, partOf(latest.current.stretch, from, to));
      },
      onEnd: () => {
        if (last) {
          moved(...last);
          last = undefined;
        }
      },
      onMark: (from, to) => mark(chart, from, to),
      onSelect: moved,
      onZoom: zoomed,
    });
    return () => {
      end();
      plot.current = null;
      chart.destroy();
    };
  }, [width, height, scheme, language, axes]);

  useEffect(() => {
    const chart = plot.current;
    chart?.batch(() => {
      chart.setData(data, false);
      chart.setScale("x", { min: stretch.from / 1000, max: stretch.to / 1000 });
    });
  }, [data, stretch.from, stretch.to]);

  const onKey = (event: KeyboardEvent) => {
    const next = keyed(event.key, view, now);
    if (next && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      onView(next);
    }
  };
  return (
    // Its keys are named in the description; the buttons beside it do the same.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex, jsx-a11y/no-noninteractive-element-interactions
    <div ref={ref} className={styles.plot} role="group" aria-label={t("chart.keys")} tabIndex={0} onKeyDown={onKey}>
      <div ref={target} role="img" aria-label={label} style={{ height }} />
    </div>
  );
}

function keyed(key: string, view: View, now: number): View | undefined {
  switch (key) {
    case "ArrowLeft":
      return pan(view, -0.25, now);
    case "ArrowRight":
      return pan(view, 0.25, now);
    case "+":
      return zoom(view, 0.5, now);
    case "-":
      return zoom(view, 2, now);
    case "End":
      return { span: view.span, end: undefined };
    default:
      return undefined;
  }
}

function partOf({ from, to }: Stretch, begin: number, end: number): Stretch {
  return { from: from + (to - from) * begin, to: from + (to - from) * end };
}

function showStretch(chart: UPlot, { from, to }: Stretch): void {
  chart.setScale("x", { min: from / 1000, max: to / 1000 });
}

function mark(chart: UPlot, from?: number, to?: number): void {
  const width = chart.over.clientWidth;
  const shown = from !== undefined && to !== undefined;
  chart.setSelect({ left: shown ? from * width : 0, width: shown ? (to - from) * width : 0, top: 0, height: chart.over.clientHeight }, false);
}

/** axesOf chooses the scales that have an axis: that of the chosen line first, then the others as far as there is room. */
function axesOf(lines: readonly Line[], chosen: string, most: number): string[] {
  const first = lines.filter(({ row }) => row.key === chosen);
  return [...new Set([...first, ...lines].map(({ scale }) => scale))].slice(0, most);
}

function groundOf(lines: readonly Line[], stretch: Stretch, now: number, scheme: "light" | "dark", text: string): Ground {
  // Half of the stretch on both sides is there too, for who pans.
  const length = stretch.to - stretch.from;
  const wide = { from: stretch.from - length / 2, to: Math.min(stretch.to + length / 2, now) };
  const lists = lines.map(({ buckets }) => troubledOf(buckets, wide, now));
  return {
    troubled: lists.map((list, i) => ({ list, colour: lines[i]?.look[scheme] ?? "" })),
    nothing: common(lists),
    text,
    colours: colours[scheme],
  };
}

interface Shape {
  width: number;
  height: number;
  scheme: "light" | "dark";
  language: string;
  axes: readonly string[];
  onCursor: (at: number | undefined) => void;
}

type Latest = { current: { data: UPlot.AlignedData; ground: Ground; lines: readonly Line[] } };

function optionsOf(latest: Latest, { width, height, scheme, language, axes, onCursor }: Shape): UPlot.Options {
  const colour = colours[scheme];
  const { lines } = latest.current;
  const axis = { stroke: colour.text, grid: { stroke: colour.grid, width: 1 }, ticks: { show: false } };
  const number = new Intl.NumberFormat(language, { maximumSignificantDigits: 6, useGrouping: false });
  const zone = siteZone();
  return {
    width,
    height,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false, setScale: false }, points: { size: 7 }, bind: { dblclick: () => null } },
    tzDate: (at) => UPlot.tzDate(new Date(at * 1000), zone),
    scales: { x: { auto: false }, ...Object.fromEntries([...new Set(lines.map(({ scale }) => scale))].map((scale) => [scale, scale === "bool" ? { range: [-0.05, 1.2] as [number, number] } : {}])) },
    axes: [
      { ...axis, size: 34, space: width < 500 ? 84 : 100, values: (_, splits, __, ___, step) => splits.map((at) => stampOf(at, step, language)) },
      ...axes.map((scale, i) => axisOf(scale, i, lines, scheme, axis, number)),
    ],
    series: [{}, ...lines.flatMap((line, i) => seriesOf(line, line.look[scheme], latest, i))],
    bands: lines.map(({ look }, i) => ({ series: [3 * i + 2, 3 * i + 1] as [number, number], fill: `${look[scheme]}33` })),
    hooks: {
      drawClear: [(chart) => drawGround(chart, latest.current.ground)],
      drawAxes: [(chart) => writeGround(chart, latest.current.ground)],
      setCursor: [({ cursor, data }) => onCursor(typeof cursor.idx === "number" ? (data[0][cursor.idx] ?? 0) * 1000 : undefined)],
    },
  };
}

function axisOf(scale: string, i: number, lines: readonly Line[], scheme: "light" | "dark", axis: UPlot.Axis, number: Intl.NumberFormat): UPlot.Axis {
  const own = lines.filter((line) => line.scale === scale);
  const unit = own[0]?.row.point.unit;
  return {
    ...axis,
    scale,
    side: i % 2 === 0 ? 3 : 1,
    size: 58,
    // Only one grid, or nothing can be read; an axis of a single line has its colour.
    grid: i === 0 ? axis.grid : { show: false },
    stroke: own.length === 1 ? (own[0]?.look[scheme] ?? "") : (axis.stroke as string),
    ...(unit ? { label: unit, labelSize: 20, labelGap: 0, labelFont: "13px system-ui, sans-serif" } : {}),
    splits: scale === "bool" ? () => [0, 1] : undefined,
    values: (_, splits) => splits.map((value) => number.format(value)),
  } as UPlot.Axis;
}

function seriesOf({ row, scale }: Line, colour: string, latest: Latest, i: number): UPlot.Series[] {
  const paths = row.point.type === "bool" ? UPlot.paths.stepped?.({ align: 1 }) : UPlot.paths.linear?.();
  const edge: UPlot.Series = { scale, paths, stroke: "transparent", width: 0, points: { show: false } } as UPlot.Series;
  const filter = () => lonely((latest.current.data[3 * i + 3] ?? []) as (number | null | undefined)[]);
  const { dash } = latest.current.lines[i]?.look ?? { dash: [] };
  return [edge, edge, { scale, paths, stroke: colour, width: 2, dash, points: { show: false, size: 5, fill: colour, filter } } as UPlot.Series];
}

/** stampOf is short: the day only where a day begins, or where steps are days. */
function stampOf(at: number, step: number, language: string): string {
  const clock = timeFormat(language, { hour: "2-digit", minute: "2-digit", ...(step < 60 ? { second: "2-digit" } : {}), hourCycle: "h23" }).format(at * 1000);
  const midnight = timeFormat("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at * 1000) === "00:00";
  if (step >= 86_400 * 28) {
    return timeFormat(language, { month: "short", year: "numeric" }).format(at * 1000);
  }
  return step >= 86_400 || midnight ? timeFormat(language, { day: "numeric", month: "short" }).format(at * 1000) : clock;
}
