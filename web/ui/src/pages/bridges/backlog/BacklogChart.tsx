import "uplot/dist/uPlot.min.css";

import { useComputedColorScheme } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import UPlot from "uplot";

import type { BacklogSample } from "../../../api/model";
import { formatCount, formatRate } from "../../../lib/format";
import { timeFormat } from "../../../lib/time";
import { columnsOf, outagesOf } from "./course";
import { lineColours } from "./lineColours";

const height = 260;
const shortestSpan = 120;

interface Props {
  samples: readonly BacklogSample[];
  /** What the chart shows, in words. */
  label: string;
}

/** BacklogChart draws what waits, what comes and what goes; the times without a connection are shaded. */
export function BacklogChart({ samples, label }: Props) {
  const { i18n } = useTranslation();
  const language = i18n.language;
  const scheme = useComputedColorScheme("light");
  const { ref, width } = useElementSize();
  const target = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot>(null);
  const latest = useRef(samples);

  useEffect(() => {
    latest.current = samples;
    plot.current?.setData(columnsOf(samples));
  }, [samples]);

  useEffect(() => {
    if (!target.current || width === 0) {
      return undefined;
    }
    const colour = lineColours[scheme];
    const axis = { stroke: colour.text, grid: { stroke: colour.grid, width: 1 }, ticks: { show: false } };
    const line = { width: 2, points: { show: false } };
    const chart = new UPlot(
      {
        width,
        height,
        legend: { show: false },
        cursor: { show: false },
        scales: { x: { range: (_, min, max) => [Math.min(min, max - shortestSpan), max] }, backlog: { range: fromZero }, rate: { range: fromZero } },
        axes: [
          { ...axis, space: 84, values: (_, splits) => splits.map((at) => timeOf(at, language)) },
          { ...axis, scale: "backlog", size: 64, values: (_, splits) => splits.map((value) => formatCount(value, language)) },
          { ...axis, scale: "rate", side: 1, size: 52, grid: { show: false }, values: (_, splits) => splits.map((value) => formatRate(value, language)) },
        ],
        series: [
          {},
          { ...line, scale: "backlog", stroke: colour.backlog, fill: `${colour.backlog}33` },
          { ...line, scale: "rate", stroke: colour.in, dash: [2, 4] },
          { ...line, scale: "rate", stroke: colour.out, dash: [8, 4] },
        ],
        hooks: { drawClear: [(drawn) => shadeOutages(drawn, latest.current, colour.outage)] },
      },
      columnsOf(latest.current),
      target.current,
    );
    plot.current = chart;
    return () => {
      plot.current = null;
      chart.destroy();
    };
  }, [width, scheme, language]);

  return (
    <div ref={ref}>
      <div ref={target} role="img" aria-label={label} style={{ height }} />
    </div>
  );
}

function shadeOutages(chart: UPlot, samples: readonly BacklogSample[], colour: string): void {
  chart.ctx.save();
  chart.ctx.fillStyle = colour;
  for (const [from, to] of outagesOf(samples)) {
    const left = Math.max(chart.valToPos(from, "x", true), chart.bbox.left);
    chart.ctx.fillRect(left, chart.bbox.top, chart.valToPos(to, "x", true) - left, chart.bbox.height);
  }
  chart.ctx.restore();
}

function fromZero(_: UPlot, __: number, max: number): UPlot.Range.MinMax {
  return [0, Math.max(10, max * 1.1)];
}

function timeOf(at: number, language: string): string {
  return timeFormat(language, { timeStyle: "medium" }).format(at * 1000);
}
