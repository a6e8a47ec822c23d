import { Button, Group, NumberInput, Paper, Progress, SimpleGrid, Stack, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useTranslation } from "react-i18next";

import { useConfig } from "../../../api/config";
import type { Config, Status } from "../../../api/model";
import { asProblem } from "../../../api/problem";
import { useSaveHistory } from "../../../api/site";
import { PageHeader } from "../../../components/PageHeader";
import { ProblemAlert } from "../../../components/ProblemAlert";
import { Stat } from "../../../components/Stat";
import { Failed, LoadingList } from "../../../components/states";
import { Time } from "../../../components/Time";
import { fieldErrors } from "../../../lib/fields";
import { formatBytes, formatCount } from "../../../lib/format";
import { useStatus } from "../../../live/live";

const megabyte = 1_000_000;

/** HistoryPage is how much of the past is kept for charts, and how much there is now. */
export function HistoryPage() {
  const { t } = useTranslation();
  const config = useConfig();
  const status = useStatus();
  return (
    <>
      <PageHeader title={t("settings.history")} text={t("settings.historyAbout")} />
      {config.isPending || !status ? <LoadingList /> : null}
      {config.isError ? <Failed error={config.error} onRetry={() => void config.refetch()} /> : null}
      {config.data && status ? (
        <Stack>
          <Used history={status.history} />
          <HistoryForm key={config.data.revision} config={config.data} history={status.history} free={status.storage.freeBytes} />
        </Stack>
      ) : null}
    </>
  );
}

function Used({ history: { usedBytes, rows, oldest, limits } }: { history: Status["history"] }) {
  const { t, i18n } = useTranslation();
  const share = Math.min((100 * usedBytes) / (limits.maxBytes || 1), 100);
  const text = t("past.usedOf", { used: formatBytes(usedBytes, i18n.language), most: formatBytes(limits.maxBytes ?? 0, i18n.language) });
  return (
    <div>
      <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm">
        <Stat label={t("past.used")} value={formatBytes(usedBytes, i18n.language)} hint={text} />
        <Stat label={t("past.rows")} value={formatCount(rows, i18n.language)} />
        <Stat label={t("past.oldest")} value={oldest ? <Time value={oldest} options={{ dateStyle: "medium" }} /> : t("past.noneYet")} />
      </SimpleGrid>
      <Progress value={share} mt="sm" aria-label={text} />
    </div>
  );
}

function HistoryForm({ config, history: { limits }, free }: { config: Config; history: Status["history"]; free: number }) {
  const { t, i18n } = useTranslation();
  const save = useSaveHistory();
  const form = useForm({
    initialValues: { rawDays: limits.rawDays ?? 0, minuteDays: limits.minuteDays ?? 0, megabytes: Math.round((limits.maxBytes ?? 0) / megabyte) },
  });
  const problem = save.error ? asProblem(save.error) : undefined;
  const { errors, rest } = fieldErrors(problem?.fields ?? [], { rawDays: "rawDays", minuteDays: "minuteDays", maxBytes: "megabytes" });
  const submit = form.onSubmit(({ rawDays, minuteDays, megabytes }) => {
    // What was not touched stays as it is, to the byte.
    const maxBytes = form.isDirty("megabytes") ? megabytes * megabyte : limits.maxBytes;
    save.mutate(
      { revision: config.revision, history: { rawDays, minuteDays, ...(maxBytes ? { maxBytes } : {}) } },
      { onSuccess: () => notifications.show({ message: t("past.saved") }) },
    );
  });
  return (
    <Paper p="md" maw={640}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <NumberInput label={t("past.rawDays")} description={t("past.rawDaysHelp")} allowDecimal={false} allowNegative={false} {...form.getInputProps("rawDays")} error={errors["rawDays"]} />
          <NumberInput label={t("past.minuteDays")} description={t("past.minuteDaysHelp")} allowDecimal={false} allowNegative={false} {...form.getInputProps("minuteDays")} error={errors["minuteDays"]} />
          <NumberInput label={t("past.megabytes")} description={t("past.megabytesHelp", { free: formatBytes(free, i18n.language) })} allowDecimal={false} allowNegative={false} {...form.getInputProps("megabytes")} error={errors["megabytes"]} />
          <Text size="sm" c="dimmed">
            {t("past.soon")}
          </Text>
          {problem && (rest.length > 0 || problem.fields.length === 0) ? <ProblemAlert problem={problem} /> : null}
          <Group>
            <Button type="submit" loading={save.isPending} disabled={!form.isDirty()}>
              {t("common.save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Paper>
  );
}
