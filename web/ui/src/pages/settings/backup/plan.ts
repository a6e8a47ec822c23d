// What a plan of a restore says, in words.
import type { TFunction } from "i18next";

import type { RestorePlan } from "../../../api/model";
import { formatBytes, formatCount } from "../../../lib/format";
import { formatTime } from "../../../lib/time";

export function factsOf(plan: RestorePlan, t: TFunction, language: string): { label: string; value: string }[] {
  const { backup } = plan;
  return [
    { label: t("plan.gateway"), value: backup.gateway },
    { label: t("plan.created"), value: formatTime(backup.created, language) },
    { label: t("plan.version"), value: backup.version },
    { label: t("plan.size"), value: formatBytes(backup.bytes, language) },
    {
      label: t("plan.content"),
      value: t("plan.counts", {
        revision: plan.revision,
        connections: plan.connections,
        devices: plan.devices,
        bridges: plan.bridges,
      }),
    },
    { label: t("plan.users"), value: plan.users.join(", ") },
    { label: t("plan.history"), value: t(partOf(backup.has.history, plan.restores.history)) },
    { label: t("plan.queue"), value: t(partOf(backup.has.queue, plan.restores.queue)) },
  ];
}

function partOf(has: boolean, restored: boolean): "plan.partRestored" | "plan.partStays" | "plan.partMissing" {
  if (restored) {
    return "plan.partRestored";
  }
  return has ? "plan.partStays" : "plan.partMissing";
}

export function warningsOf(plan: RestorePlan, t: TFunction, language: string): string[] {
  const warnings = [t("plan.replaces"), t("plan.restarts")];
  if (plan.restores.queue) {
    warnings.push(t("plan.twice", { messages: formatCount(plan.possiblyTwice, language) }));
  }
  if (plan.lostBridges.length > 0) {
    warnings.push(t("plan.lost", { bridges: plan.lostBridges.join(", ") }));
  }
  return warnings;
}
