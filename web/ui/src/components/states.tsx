// What a page shows while it has nothing else: loading, empty, failed.
import { Button, Center, Loader, Paper, Skeleton, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { asProblem } from "../api/problem";
import { ProblemAlert } from "./ProblemAlert";

export function LoadingPage() {
  const { t } = useTranslation();
  return (
    <Center h="60vh" role="status" aria-label={t("common.loading")}>
      <Loader type="dots" />
    </Center>
  );
}

const rows = ["a", "b", "c", "d"];

export function LoadingList() {
  const { t } = useTranslation();
  return (
    <Stack gap="sm" role="status" aria-label={t("common.loading")}>
      {rows.map((row) => (
        <Skeleton key={row} height={64} radius="md" />
      ))}
    </Stack>
  );
}

export function Failed({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { t } = useTranslation();
  return (
    <Stack align="flex-start" maw={640}>
      <ProblemAlert problem={asProblem(error)} />
      <Button variant="default" onClick={onRetry}>
        {t("common.retry")}
      </Button>
    </Stack>
  );
}

interface EmptyProps {
  icon: ReactNode;
  title: string;
  text: string;
  action?: ReactNode;
}

export function Empty({ icon, title, text, action }: EmptyProps) {
  return (
    <Paper p="xl">
      <Stack align="center" gap="xs" py="lg" ta="center">
        <Text c="dimmed" component="span" lh={1}>
          {icon}
        </Text>
        <Title order={2} size="h4">
          {title}
        </Title>
        <Text c="dimmed" maw={460}>
          {text}
        </Text>
        {action}
      </Stack>
    </Paper>
  );
}
