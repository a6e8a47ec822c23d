import "uplot/dist/uPlot.min.css";

import { useComputedColorScheme } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import UPlot from "uplot";

import { formatCount, formatRate } from "../../lib/format";
import { rateSeries } from "../../lib/rates";
import { timeFormat } from "../../lib/time";
import type { Sample } from "../../live/store";

const height = 220;
const colours = {
  light: { text: "#55646c", grid: "#e2e8eb", backlog: "#a85b00", forwarded: "#0f5f78" },
  dark: { text: "#9aabb3", grid: "#263239", backlog: "#f0bf6a", forwarded: "#7bbfd2" },
};

function dataOf(history: readonly Sample[]): UPlot.AlignedData {
  return [
    history.map((sample) => sample.time),
    history.map((sample) => sample.backlog),
    rateSeries(history, (sample) => sample.forwarded),
  ];
}

/** HistoryChart shows backlog and forwarded rate of the last minutes: when the one falls, the other shows why. */
export function HistoryChart({ history }: { history: readonly Sample[] }) {
  const { t, i18n } = useTranslation();
  const language = i18n.language;
  const scheme = useComputedColorScheme("light");
  const { ref, width } = useElementSize();
  const target = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot>(null);
  const latest = useRef(history);

  useEffect(() => {
    latest.current = history;
    plot.current?.setData(dataOf(history));
  }, [history]);

  useEffect(() => {
    if (!target.current || width === 0) {
      return undefined;
    }
    const colour = colours[scheme];
    const axis = { stroke: colour.text, grid: { stroke: colour.grid, width: 1 }, ticks: { show: false } };
    const chart = new UPlot(
      {
        width,
        height,
        legend: { show: false },
        cursor: { show: false },
        scales: { x: { range: lastMinutes }, backlog: { range: fromZero }, rate: { range: fromZero } },
        axes: [
          { ...axis, space: 90, values: (_, splits) => splits.map((at) => timeOf(at, language)) },
          { ...axis, scale: "backlog", size: 62, values: (_, splits) => splits.map((value) => formatCount(value, language)) },
          { ...axis, scale: "rate", side: 1, size: 52, grid: { show: false }, values: (_, splits) => splits.map((value) => formatRate(value, language)) },
        ],
        series: [
          {},
          { scale: "backlog", stroke: colour.backlog, width: 2, fill: `${colour.backlog}33`, points: { show: false } },
          { scale: "rate", stroke: colour.forwarded, width: 2, dash: [6, 4], points: { show: false } },
        ],
      },
      dataOf(latest.current),
      target.current,
    );
    plot.current = chart;
    return () => {
      plot.current = null;
      chart.destroy();
    };
  }, [width, scheme, language]);

  const last = history.at(-1);
  return (
    <div ref={ref}>
      <div
        ref={target}
        role="img"
        aria-label={t("chart.alt", { backlog: formatCount(last?.backlog ?? 0, language) })}
        style={{ height }}
      />
    </div>
  );
}

const shortestSpan = 120;

function lastMinutes(_: UPlot, min: number, max: number): UPlot.Range.MinMax {
  return [Math.min(min, max - shortestSpan), max];
}

function fromZero(_: UPlot, __: number, max: number): UPlot.Range.MinMax {
  return [0, Math.max(10, max * 1.1)];
}

function timeOf(at: number, language: string): string {
  return timeFormat(language, { timeStyle: "medium" }).format(at * 1000);
}
