import "uplot/dist/uPlot.min.css";

import { useComputedColorScheme } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import UPlot from "uplot";

import type { Stretch } from "../../api/history";
import { columnsOf, gapsOf, lonely } from "../../lib/past";

const height = 280;
const dayMs = 86_400_000;
const colours = {
  light: { text: "#55646c", grid: "#e2e8eb", line: "#0f5f78", band: "#4fa6bd55", gap: "#b9c7ce55" },
  dark: { text: "#9aabb3", grid: "#263239", line: "#7bbfd2", band: "#2f8ca566", gap: "#40525b66" },
};

interface Props {
  stretch: Stretch;
  /** What the chart shows, in words. */
  label: string;
  /** Truth values jump; numbers are joined by a line. */
  stepped: boolean;
}

/** PastChart draws the mean as a line, lowest to highest as a band, and what was not known as a gap. */
export function PastChart({ stretch, label, stepped }: Props) {
  const { i18n } = useTranslation();
  const language = i18n.language;
  const scheme = useComputedColorScheme("light");
  const { ref, width } = useElementSize();
  const target = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot>(null);
  const latest = useRef(stretch);

  useEffect(() => {
    latest.current = stretch;
    plot.current?.setData(columnsOf(stretch.past.buckets));
  }, [stretch]);

  useEffect(() => {
    if (!target.current || width === 0) {
      return undefined;
    }
    const colour = colours[scheme];
    const axis = { stroke: colour.text, grid: { stroke: colour.grid, width: 1 }, ticks: { show: false } };
    const paths = stepped ? UPlot.paths.stepped?.({ align: 1 }) : UPlot.paths.linear?.();
    const edge = { paths, stroke: "transparent", width: 0, points: { show: false } };
    const number = new Intl.NumberFormat(language, { maximumSignificantDigits: 6, useGrouping: false });
    const chart = new UPlot(
      {
        width,
        height,
        legend: { show: false },
        cursor: { show: false },
        scales: { x: { range: () => [latest.current.from / 1000, latest.current.to / 1000] } },
        axes: [
          { ...axis, space: 84, values: (_, splits) => splits.map(timeFormat(latest.current, language)) },
          { ...axis, size: 64, values: (_, splits) => splits.map((value) => number.format(value)) },
        ],
        series: [
          {},
          edge,
          edge,
          {
            paths,
            stroke: colour.line,
            width: 2,
            points: { show: false, size: 5, fill: colour.line, filter: () => lonely(columnsOf(latest.current.past.buckets)[3]) },
          },
        ],
        bands: [{ series: [2, 1], fill: colour.band }],
        hooks: { drawClear: [(chart) => drawGaps(chart, latest.current, colour.gap)] },
      },
      columnsOf(latest.current.past.buckets),
      target.current,
    );
    plot.current = chart;
    return () => {
      plot.current = null;
      chart.destroy();
    };
  }, [width, scheme, language, stepped]);

  return (
    <div ref={ref}>
      <div ref={target} role="img" aria-label={label} style={{ height }} />
    </div>
  );
}

function drawGaps(chart: UPlot, { past, to }: Stretch, colour: string): void {
  const [times, , , mean] = columnsOf(past.buckets);
  chart.ctx.save();
  chart.ctx.fillStyle = colour;
  for (const [from, until] of gapsOf(times, mean, to / 1000)) {
    const left = Math.max(chart.valToPos(from, "x", true), chart.bbox.left);
    chart.ctx.fillRect(left, chart.bbox.top, chart.valToPos(until, "x", true) - left, chart.bbox.height);
  }
  chart.ctx.restore();
}

function timeFormat({ from, to }: Stretch, language: string): (at: number) => string {
  const format = new Intl.DateTimeFormat(
    language,
    to - from > 2 * dayMs ? { day: "numeric", month: "short" } : { hour: "2-digit", minute: "2-digit" },
  );
  return (at) => format.format(at * 1000);
}
