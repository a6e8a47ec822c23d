import { useTranslation } from "react-i18next";

import type { Certificate } from "../api/model";
import { ToneBadge, type Tone } from "./badges";

/** The gateway raises its alarm at the same age; see gateway/certificates/alarm.go. */
const warnDays = 30;

function toneOf(daysLeft: number): Tone {
  if (daysLeft <= 1) {
    return "bad";
  }
  return daysLeft <= warnDays ? "warn" : "good";
}

/** Expiry says how long a certificate is good for. */
export function Expiry({ certificate: { daysLeft } }: { certificate: Certificate }) {
  const { t } = useTranslation();
  return <ToneBadge tone={toneOf(daysLeft)} text={daysLeft < 0 ? t("certificate.expired") : t("certificate.daysLeft", { count: daysLeft })} />;
}
