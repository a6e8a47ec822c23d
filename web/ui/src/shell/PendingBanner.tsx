import { Alert, Button, Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { PendingChange } from "../api/model";
import { useDecide, usePending } from "../api/pending";
import { asProblem } from "../api/problem";
import { useSession } from "../api/session";
import { IconWait } from "../components/icons";
import { useNow } from "../lib/useNow";

const tickMs = 1_000;

/** PendingBanner counts down to the moment when a change undoes itself. */
export function PendingBanner() {
  const { data: session } = useSession();
  const pending = usePending(session?.user !== undefined);
  return (
    <>
      {(pending.data ?? []).map((change) => (
        <Waiting key={change.id} change={change} since={pending.dataUpdatedAt} />
      ))}
    </>
  );
}

function Waiting({ change, since }: { change: PendingChange; since: number }) {
  const { t } = useTranslation();
  const now = useNow(tickMs);
  const decide = useDecide();
  const left = Math.max(0, Math.ceil(change.secondsLeft - Math.max(0, now - since) / tickMs));
  return (
    <Alert color="tide" variant="light" icon={<IconWait />} title={t(`pending.${change.kind}`, { subject: change.subject })} mb="md" role="status">
      <Group justify="space-between" gap="sm">
        <Text size="sm" aria-live="off">
          {t("pending.left", { count: left })}
        </Text>
        <Group gap="sm">
          <Button variant="default" loading={decide.isPending && !decide.variables.keep} onClick={() => decide.mutate({ id: change.id, keep: false })}>
            {t("pending.undo")}
          </Button>
          <Button loading={decide.isPending && decide.variables.keep} onClick={() => decide.mutate({ id: change.id, keep: true })}>
            {t("pending.keep")}
          </Button>
        </Group>
      </Group>
      {decide.error ? (
        <Text size="sm" c="var(--bad)" role="alert">
          {asProblem(decide.error).message || t(`problem.${asProblem(decide.error).code}`)}
        </Text>
      ) : null}
    </Alert>
  );
}
