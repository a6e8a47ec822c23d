import { Code, Group, Paper, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { BridgeTest } from "../../api/model";
import { type Tone, ToneBadge } from "../../components/badges";

type Step = BridgeTest["steps"][number];

const tones: Readonly<Record<Step["outcome"], Tone>> = { passed: "good", warning: "warn", failed: "bad", skipped: "off" };

/** Who has no proxy and no WebSocket need not read that they were left out. */
const isShown = ({ step, outcome }: Step) => outcome !== "skipped" || (step !== "proxy" && step !== "websocket");

/** TestSteps show how far a connection came, and what was found on the way. */
export function TestSteps({ test }: { test: BridgeTest }) {
  const { t } = useTranslation();
  return (
    <Paper p="sm" role="status" aria-label={t("bridge.testResult")}>
      <Text fw={650} mb="xs">
        {t(test.passed ? "bridge.testPassed" : "bridge.testFailed", { server: test.server })}
      </Text>
      <Stack component="ol" gap="xs" m={0} p={0} style={{ listStyle: "none" }}>
        {test.steps.filter(isShown).map((step) => (
          <StepItem key={step.step} step={step} />
        ))}
      </Stack>
    </Paper>
  );
}

function StepItem({ step }: { step: Step }) {
  const { t } = useTranslation();
  return (
    <Group component="li" gap="sm" wrap="nowrap" align="flex-start">
      <div style={{ minWidth: 104 }}>
        <ToneBadge tone={tones[step.outcome]} text={t(`bridge.outcome.${step.outcome}`)} />
      </div>
      <div style={{ minWidth: 0 }}>
        <Text size="sm" fw={600}>
          {t(`bridge.step.${step.step}`)} {step.ms >= 1 ? t("bridge.stepMs", { ms: Math.round(step.ms) }) : ""}
        </Text>
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {step.message}
        </Text>
        {step.certificates?.map(({ subject, daysLeft, pin }) => (
          <Text key={pin} size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {t("bridge.certificateFact", { subject, days: daysLeft })}
          </Text>
        ))}
        {step.detail ? <Code style={{ overflowWrap: "anywhere" }}>{step.detail}</Code> : null}
      </div>
    </Group>
  );
}
