import { Button, Group, Paper, Stack, Text, Title, useComputedColorScheme } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

import { useCourse } from "../../../api/backlog";
import { Failed, LoadingList } from "../../../components/states";
import { formatCount } from "../../../lib/format";
import { BacklogTable } from "./BacklogTable";
import { lineColours } from "./lineColours";

const BacklogChart = lazy(async () => ({ default: (await import("./BacklogChart")).BacklogChart }));

/** CourseCard shows how the backlog became what it is: as a chart, and on request as a table. */
export function CourseCard({ id }: { id: string }) {
  const { t, i18n } = useTranslation();
  const course = useCourse(id);
  const [table, setTable] = useState(false);
  const samples = course.data?.samples ?? [];
  const most = samples.reduce((largest, sample) => Math.max(largest, sample.messages), 0);
  const label = t("backlog.chartAlt", { now: formatCount(samples.at(-1)?.messages ?? 0, i18n.language), most: formatCount(most, i18n.language) });
  return (
    <Paper p="md">
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h5">
          {t("backlog.course")}
        </Title>
        <Button variant="subtle" size="compact-sm" aria-expanded={table} onClick={() => setTable(!table)}>
          {t("past.table")}
        </Button>
      </Group>
      {course.isPending ? <LoadingList /> : null}
      {course.isError ? <Failed error={course.error} onRetry={() => void course.refetch()} /> : null}
      {course.data && samples.length < 2 ? <Text c="dimmed">{t("backlog.courseEmpty")}</Text> : null}
      {samples.length >= 2 ? (
        <Stack gap="xs">
          <Suspense fallback={<LoadingList />}>
            <BacklogChart samples={samples} label={label} />
          </Suspense>
          <Legend />
        </Stack>
      ) : null}
      {table && samples.length > 0 ? <BacklogTable samples={samples} /> : null}
    </Paper>
  );
}

const lines = [
  { name: "backlog", dash: undefined },
  { name: "in", dash: "2 4" },
  { name: "out", dash: "8 4" },
] as const;

function Legend() {
  const { t } = useTranslation();
  const colour = lineColours[useComputedColorScheme("light")];
  return (
    <Group gap="md" aria-hidden="true">
      {lines.map(({ name, dash }) => (
        <Group key={name} gap={6}>
          <svg width="26" height="6">
            <path d="M0 3h26" stroke={colour[name]} strokeWidth={2} strokeDasharray={dash} />
          </svg>
          <Text size="sm">{t(`backlog.line.${name}`)}</Text>
        </Group>
      ))}
      <Group gap={6}>
        <span style={{ width: 18, height: 12, background: colour.outage }} />
        <Text size="sm">{t("backlog.line.outage")}</Text>
      </Group>
    </Group>
  );
}
