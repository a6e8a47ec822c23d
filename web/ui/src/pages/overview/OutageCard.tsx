import { Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { useOutage } from "../../api/demo";
import { asProblem } from "../../api/problem";
import { useGuard } from "../../api/useGuard";
import { IconCut, IconMend } from "../../components/icons";
import { ProblemAlert } from "../../components/ProblemAlert";
import { useNow } from "../../lib/useNow";

const seconds = 30;

/** OutageCard cuts the demo's link to its cloud, so that one sees nothing go missing. */
export function OutageCard({ until }: { until: string | undefined }) {
  const { t } = useTranslation();
  const guard = useGuard();
  const outage = useOutage();
  const now = useNow();
  const left = until === undefined ? 0 : Math.max(0, Math.ceil((Date.parse(until) - now) / 1000));
  return (
    <Paper p="md">
      <Group justify="space-between" gap="md">
        <Stack gap={2} flex="1 1 260px">
          <Title order={2} size="h5">
            {t("outage.title")}
          </Title>
          <Text size="sm" c="dimmed" aria-live="polite">
            {until === undefined ? t("outage.text") : t("outage.running", { count: left })}
          </Text>
        </Stack>
        {until === undefined ? (
          <Button size="md" leftSection={<IconCut />} loading={outage.isPending} onClick={guard("operator", () => outage.mutate(seconds))}>
            {t("outage.cut", { count: seconds })}
          </Button>
        ) : (
          <Button size="md" variant="default" leftSection={<IconMend />} loading={outage.isPending} onClick={guard("operator", () => outage.mutate(0))}>
            {t("outage.mend")}
          </Button>
        )}
      </Group>
      {outage.error ? <ProblemAlert problem={asProblem(outage.error)} /> : null}
    </Paper>
  );
}
