// What is drawn below the lines: where values were bad, uncertain, or not recorded.
import type UPlot from "uplot";

import type { Trouble, Troubled } from "./lines";
import type { Stretch } from "./view";

export const stripHeight = 7;

export interface Ground {
  /** One list per line, drawn as strips at the bottom, or over the whole height when there is one line only. */
  troubled: readonly { list: readonly Troubled[]; colour: string }[];
  /** Where nothing was recorded of any line. */
  nothing: readonly Stretch[];
  text: string;
  colours: { gap: string; text: string };
}

export function drawGround(chart: UPlot, { troubled, nothing, colours }: Ground): void {
  const { ctx } = chart;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(chart.bbox.left, chart.bbox.top, chart.bbox.width, chart.bbox.height);
  ctx.clip();
  for (const stretch of nothing) {
    const [left, width] = across(chart, stretch);
    ctx.fillStyle = colours.gap;
    ctx.fillRect(left, chart.bbox.top, width, chart.bbox.height);
  }
  const alone = troubled.length === 1;
  for (const [i, { list, colour }] of troubled.entries()) {
    const height = alone ? chart.bbox.height : stripHeight * ratio;
    const top = chart.bbox.top + chart.bbox.height - (alone ? height : (troubled.length - i) * (stripHeight + 2) * ratio);
    for (const one of list) {
      const [left, width] = across(chart, one);
      if (one.trouble === "none") {
        // Over the whole height it is there already.
        fillStrip(ctx, alone ? [0, 0, 0, 0] : [left, top, width, height], colours.gap);
      } else {
        hatch(ctx, [left, top, width, height], one.trouble, alone ? colours.text : colour, ratio);
      }
    }
  }
  ctx.restore();
}

/** writeGround is for after the lines of the grid. */
export function writeGround(chart: UPlot, { nothing, text, colours }: Ground): void {
  for (const stretch of nothing) {
    writeInside(chart, text, ...across(chart, stretch), colours.text);
  }
}

type Box = [left: number, top: number, width: number, height: number];

function across(chart: UPlot, { from, to }: Stretch): [left: number, width: number] {
  const left = chart.valToPos(from / 1000, "x", true);
  // What is short is seen all the same.
  return [left, Math.max(chart.valToPos(to / 1000, "x", true) - left, 2 * devicePixelRatio)];
}

function fillStrip(ctx: CanvasRenderingContext2D, [left, top, width, height]: Box, colour: string): void {
  ctx.fillStyle = colour;
  ctx.fillRect(left, top, width, height);
}

/** hatch draws lines from corner to corner for bad, and dots for uncertain. */
function hatch(ctx: CanvasRenderingContext2D, [left, top, width, height]: Box, trouble: Trouble, colour: string, ratio: number): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.beginPath();
  ctx.strokeStyle = colour;
  ctx.globalAlpha = 0.55;
  ctx.lineWidth = ratio;
  if (trouble === "uncertain") {
    ctx.setLineDash([1.5 * ratio, 4 * ratio]);
  }
  const distance = 7 * ratio;
  const first = Math.floor((left - height) / distance) * distance;
  for (let x = first; x < left + width; x += distance) {
    ctx.moveTo(x, top + height);
    ctx.lineTo(x + height, top);
  }
  ctx.stroke();
  ctx.restore();
}

function writeInside(chart: UPlot, text: string, left: number, width: number, colour: string): void {
  const { ctx, bbox } = chart;
  const begin = Math.max(left, bbox.left);
  const end = Math.min(left + width, bbox.left + bbox.width);
  ctx.save();
  ctx.font = `${13 * devicePixelRatio}px system-ui, sans-serif`;
  if (ctx.measureText(text).width + 16 * devicePixelRatio > end - begin) {
    ctx.restore();
    return;
  }
  ctx.fillStyle = colour;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillText(text, (begin + end) / 2, bbox.top + bbox.height / 2);
  ctx.restore();
}
