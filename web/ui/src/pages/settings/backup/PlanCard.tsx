import { Alert, Button, Group, List, Loader, Paper, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useConfirmRestore, useDiscardRestore } from "../../../api/backup";
import type { RestorePlan } from "../../../api/model";
import { asProblem } from "../../../api/problem";
import { IconGood, IconWarn } from "../../../components/icons";
import { ProblemAlert } from "../../../components/ProblemAlert";
import { useStatus } from "../../../live/live";
import styles from "../settings.module.css";
import { factsOf, warningsOf } from "./plan";

interface Props {
  plan: RestorePlan;
  onForgotten: () => void;
}

/** PlanCard shows what is in a backup and what a restore of it does, and restores it. */
export function PlanCard({ plan, onForgotten }: Props) {
  const { t, i18n } = useTranslation();
  const confirm = useConfirmRestore();
  const discard = useDiscardRestore();
  const started = useStatus()?.started;
  const [before, setBefore] = useState<string>();
  const warnings = warningsOf(plan, t, i18n.language);
  if (confirm.isSuccess) {
    return <Restarting done={started !== undefined && started !== before} onDone={onForgotten} />;
  }
  return (
    <Paper p="md" component="section" aria-labelledby="plan" data-testid="plan">
      <Stack>
        <Title order={2} size="h4" id="plan">
          {t("plan.title")}
        </Title>
        <dl className={styles.facts}>
          {factsOf(plan, t, i18n.language).map(({ label, value }) => (
            <div key={label} style={{ display: "contents" }}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        <Alert color="yellow" variant="light" icon={<IconWarn />} title={t("plan.mind")}>
          <List size="sm">
            {warnings.map((warning) => (
              <List.Item key={warning}>{warning}</List.Item>
            ))}
          </List>
        </Alert>
        {confirm.error ? <ProblemAlert problem={asProblem(confirm.error)} /> : null}
        <Group>
          <Button
            color="red"
            loading={confirm.isPending}
            onClick={() => {
              setBefore(started);
              confirm.mutate(plan.id);
            }}
          >
            {t("plan.restore")}
          </Button>
          <Button variant="default" loading={discard.isPending} onClick={() => discard.mutate(plan.id, { onSettled: onForgotten })}>
            {t("plan.forget")}
          </Button>
        </Group>
      </Stack>
    </Paper>
  );
}

/** Restarting waits for the gateway; the banner about the lost connection comes and goes meanwhile. */
function Restarting({ done, onDone }: { done: boolean; onDone: () => void }) {
  const { t } = useTranslation();
  return (
    <Paper p="md" role="status">
      <Group>
        {done ? <IconGood /> : <Loader size="sm" />}
        <Text>{t(done ? "plan.done" : "plan.restarting")}</Text>
        {done ? (
          <Button
            variant="default"
            onClick={() => {
              onDone();
              window.location.reload();
            }}
          >
            {t("plan.reload")}
          </Button>
        ) : null}
      </Group>
    </Paper>
  );
}
