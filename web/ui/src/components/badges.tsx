// A state is always a sign and a word; the colour only helps.
import type { ComponentType } from "react";
import { useTranslation } from "react-i18next";

import type { Quality, State } from "../api/model";
import styles from "./badges.module.css";
import { IconBad, IconGood, IconOff, IconWait, IconWarn } from "./icons";

export type Tone = "good" | "warn" | "bad" | "calm" | "off";

const icons: Readonly<Record<Tone, ComponentType<{ size?: number }>>> = {
  good: IconGood,
  warn: IconWarn,
  bad: IconBad,
  calm: IconWait,
  off: IconOff,
};

export function ToneBadge({ tone, text }: { tone: Tone; text: string }) {
  const Icon = icons[tone];
  return (
    <span className={`${styles.badge} ${styles[tone]}`}>
      <Icon size={15} />
      {text}
    </span>
  );
}

export const toneOfState: Readonly<Record<State, Tone>> = {
  starting: "calm",
  up: "good",
  degraded: "warn",
  down: "bad",
  disabled: "off",
  paused: "off",
  connecting: "calm",
  stalled: "bad",
  idle: "calm",
};

export function StateBadge({ state }: { state: State }) {
  const { t } = useTranslation();
  return <ToneBadge tone={toneOfState[state]} text={t(`state.${state}`)} />;
}

const toneOfQuality: Readonly<Record<Quality, Tone>> = { good: "good", uncertain: "warn", bad: "bad" };

export function QualityBadge({ quality }: { quality: Quality }) {
  const { t } = useTranslation();
  return <ToneBadge tone={toneOfQuality[quality]} text={t(`quality.${quality}`)} />;
}
