import { useElementSize } from "@mantine/hooks";
import { useTranslation } from "react-i18next";

import { formatBytes, formatCount, formatRate, unknown } from "../../lib/format";
import styles from "./FlowPicture.module.css";
import type { Flow } from "./picture";

const wideFrom = 760;
const rowGap = 40;
const pad = 10;
const wideBox = { width: 148, height: 104 };
const flatBox = { width: 320, height: 68 };

interface Place {
  x: number;
  y: number;
}

interface Size {
  width: number;
  height: number;
}

/** FlowPicture draws devices -> broker -> queue -> gate -> cloud; in a row, or one below the other on a phone. */
export function FlowPicture({ flow }: { flow: Flow }) {
  const { t, i18n } = useTranslation();
  const { ref, width } = useElementSize();
  const language = i18n.language;
  const rateText = (perSecond: number | undefined) => (perSecond === undefined ? unknown : formatRate(perSecond, language));
  const wide = width >= wideFrom;
  const size = wide ? wideBox : { ...flatBox, width: Math.min(flatBox.width, width - 2 * pad) };
  const step = wide ? (width - 2 * pad - size.width) / 3 : size.height + rowGap;
  const place = (index: number): Place =>
    wide ? { x: pad + index * step, y: pad } : { x: Math.max(pad, width / 2 - size.width / 2), y: pad + index * step };
  const height = 2 * pad + size.height + (wide ? 0 : 3 * step);
  const connected = flow.bridgesState === "up" || flow.bridgesState === "degraded";
  const label = t("flow.alt", {
    up: flow.devicesUp,
    devices: flow.devices,
    readings: rateText(flow.readings),
    messages: rateText(flow.messages),
    backlog: formatCount(flow.backlog, language),
    state: t(`state.${flow.bridgesState}`),
    forwarded: rateText(flow.forwarded),
  });
  return (
    <div ref={ref}>
      {width > 0 ? (
        <svg className={styles.picture} role="img" aria-label={label} viewBox={`0 0 ${width} ${height}`} height={height}>
          <Pipe from={place(0)} to={place(1)} size={size} wide={wide} flowing={(flow.readings ?? 0) > 0} text={t("flow.perSecond", { rate: rateText(flow.readings) })} />
          <Pipe from={place(1)} to={place(2)} size={size} wide={wide} flowing={(flow.messages ?? 0) > 0} text={t("flow.perSecond", { rate: rateText(flow.messages) })} />
          <Pipe from={place(2)} to={place(3)} size={size} wide={wide} flowing={connected && (flow.forwarded ?? 0) > 0} text={t("flow.perSecond", { rate: rateText(flow.forwarded) })} gate={connected ? "open" : "shut"} />
          <Box size={size} wide={wide} at={place(0)} title={t("flow.devices")} figure={`${flow.devicesUp} / ${flow.devices}`} note={t("flow.devicesUp")} />
          <Box size={size} wide={wide} at={place(1)} title={t("flow.broker")} figure={formatCount(flow.clients, language)} note={t("flow.clients", { count: flow.clients })} />
          <Box size={size} wide={wide} at={place(2)} title={t("flow.queue")} figure={formatCount(flow.backlog, language)} note={formatBytes(flow.backlogBytes, language)} level={flow.level} />
          <Box size={size} wide={wide} at={place(3)} title={t("flow.cloud")} figure={t(`state.${flow.bridgesState}`)} note={t("flow.bridges", { count: flow.bridges })} />
        </svg>
      ) : (
        <div style={{ height: wideBox.height }} />
      )}
    </div>
  );
}

interface BoxProps {
  at: Place;
  size: Size;
  wide: boolean;
  title: string;
  figure: string;
  note: string;
  /** How high the water stands, 0 to 1. */
  level?: number;
}

function Box({ at, size, wide, title, figure, note, level }: BoxProps) {
  const air = (1 - (level ?? 0)) * (size.height - 4) + 2;
  return (
    <g transform={`translate(${at.x} ${at.y})`}>
      <rect className={styles.box} {...size} rx={12} />
      {level === undefined ? null : (
        <rect className={styles.water} {...size} style={{ clipPath: `inset(${air}px 2px 2px 2px round 0 0 10px 10px)` }} />
      )}
      <text className={styles.title} x={16} y={30}>
        {title}
      </text>
      <text className={styles.figure} x={wide ? 16 : size.width - 16} y={wide ? 62 : 41} textAnchor={wide ? "start" : "end"}>
        {figure}
      </text>
      <text className={styles.note} x={16} y={wide ? 84 : 51}>
        {note}
      </text>
    </g>
  );
}

interface PipeProps {
  from: Place;
  to: Place;
  size: Size;
  wide: boolean;
  flowing: boolean;
  text: string;
  gate?: "open" | "shut";
}

function Pipe({ from, to, size, wide, flowing, text, gate }: PipeProps) {
  const start = wide
    ? { x: from.x + size.width, y: from.y + size.height / 2 }
    : { x: from.x + size.width / 2, y: from.y + size.height };
  const end = wide ? { x: to.x, y: start.y } : { x: start.x, y: to.y };
  const middle = { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 };
  const ends = { x1: start.x, y1: start.y, x2: end.x, y2: end.y };
  return (
    <g>
      <line className={styles.pipe} {...ends} />
      {flowing ? <line className={styles.flow} {...ends} /> : null}
      <text className={styles.note} x={wide ? middle.x : middle.x + 26} y={wide ? middle.y + 40 : middle.y + 4} textAnchor={wide ? "middle" : "start"}>
        {text}
      </text>
      {gate ? <Gate at={middle} open={gate === "open"} wide={wide} /> : null}
    </g>
  );
}

/** The gate of the logo stands across the pipe: up while the link is there, down while it is cut. */
function Gate({ at, open, wide }: { at: Place; open: boolean; wide: boolean }) {
  return (
    <g transform={`translate(${at.x} ${at.y})${wide ? "" : " rotate(-90)"}`}>
      <path className={styles.post} d="M-11-24v44M11-24v44" />
      <rect className={styles.gate} x={-7} y={-13} width={14} height={26} rx={2} style={{ transform: open ? "translateY(-17px)" : "none" }} />
    </g>
  );
}
