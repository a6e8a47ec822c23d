import { Alert, Button, Group, Paper, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useTranslation } from "react-i18next";

import { useConfig } from "../../../api/config";
import type { Config } from "../../../api/model";
import { asProblem } from "../../../api/problem";
import { useSaveSite } from "../../../api/site";
import { ClockCheck } from "../../../components/ClockCheck";
import { PageHeader } from "../../../components/PageHeader";
import { ProblemAlert } from "../../../components/ProblemAlert";
import { Failed, LoadingList } from "../../../components/states";
import { ZoneSelect } from "../../../components/ZoneSelect";
import { fieldErrors } from "../../../lib/fields";
import { siteZone } from "../../../lib/time";

/** SitePage is what the gateway is called and where it stands. */
export function SitePage() {
  const { t } = useTranslation();
  const config = useConfig();
  return (
    <>
      <PageHeader title={t("settings.site")} text={t("settings.siteAbout")} />
      {config.isPending ? <LoadingList /> : null}
      {config.isError ? <Failed error={config.error} onRetry={() => void config.refetch()} /> : null}
      {config.data ? <SiteForm config={config.data} /> : null}
    </>
  );
}

function SiteForm({ config }: { config: Config }) {
  const { t } = useTranslation();
  const save = useSaveSite();
  const form = useForm({ initialValues: { name: config.name, timeZone: config.timeZone ?? siteZone() } });
  const problem = save.error ? asProblem(save.error) : undefined;
  const { errors, rest } = fieldErrors(problem?.fields ?? [], { name: "name", timeZone: "timeZone" });
  const renamed = form.values.name !== config.name;
  const submit = form.onSubmit((values) =>
    save.mutate({ revision: config.revision, ...values }, { onSuccess: () => notifications.show({ message: t("site.saved") }) }),
  );
  return (
    <Paper p="md" maw={640}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <TextInput label={t("site.name")} description={t("site.nameHelp")} {...form.getInputProps("name")} error={errors["name"]} />
          {renamed ? <Alert color="tide" variant="light" title={t("site.renamed")} /> : null}
          <ZoneSelect value={form.values.timeZone} onChange={(zone) => form.setFieldValue("timeZone", zone)} error={errors["timeZone"] ?? null} />
          <ClockCheck />
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
