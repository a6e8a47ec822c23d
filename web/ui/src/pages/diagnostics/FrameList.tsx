import { Code, Paper, Text } from "@mantine/core";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

import type { Frame } from "../../api/model";
import { type Tone, ToneBadge } from "../../components/badges";
import { Time } from "../../components/Time";
import styles from "./diagnostics.module.css";
import { hexOf, partsOf, textOfBytes } from "./frame";

const toTheMillisecond: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 };

/** FrameList shows frames in the order in which they went over the wire, and stays at the newest while it is followed. */
export function FrameList({ frames, follow }: { frames: readonly Frame[]; follow: boolean }) {
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  // After each drawing, because new frames make it longer.
  useEffect(() => {
    if (follow && box.current) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  });
  return (
    // A scrolling region takes the focus, so that the keyboard can scroll it.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <Paper ref={box} className={styles.log} role="log" aria-live="off" aria-label={t("diagnostics.tab.frames")} tabIndex={0}>
      {frames.map((frame) => (
        <FrameLine key={frame.number} frame={frame} />
      ))}
    </Paper>
  );
}

function toneOf({ sent, problem, modbus }: Frame): Tone {
  if (problem) {
    return problem === "noAnswer" || problem === "checksum" ? "bad" : "warn";
  }
  if (modbus?.exception) {
    return "warn";
  }
  return sent ? "calm" : "good";
}

function FrameLine({ frame }: { frame: Frame }) {
  const { t } = useTranslation();
  const { time, sent, bytes, problem, detail, milliseconds, modbus } = frame;
  const word = problem ? t(`frames.problem.${problem}`) : t(sent ? "frames.sent" : "frames.received");
  const facts = [milliseconds ? t("frames.took", { ms: milliseconds.toFixed(1) }) : "", modbus?.checksum ? t(`frames.checksum.${modbus.checksum}`) : "", modbus?.transaction === undefined ? "" : t("frames.transaction", { number: modbus.transaction })].filter(Boolean);
  return (
    <div className={`${styles.line} ${styles.frame}`}>
      <Text component="span" size="xs" c="dimmed">
        <Time value={time} options={toTheMillisecond} />
      </Text>
      <ToneBadge tone={toneOf(frame)} text={word} />
      <span className={styles.message}>
        {modbus ? partsOf(modbus, t).join(" ") : textOfBytes(bytes)} {detail}{" "}
        <Text span size="xs" c="dimmed">
          {facts.join(" · ")}
        </Text>
      </span>
      {bytes ? <Code className={styles.bytes}>{hexOf(bytes)}</Code> : null}
    </div>
  );
}
