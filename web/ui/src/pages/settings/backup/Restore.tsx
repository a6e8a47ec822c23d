import { Button, Checkbox, Group, Paper, PasswordInput, Progress, Stack, Text, Title } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useStageRestore } from "../../../api/backup";
import { asProblem } from "../../../api/problem";
import { FileDrop } from "../../../components/FileDrop";
import { ProblemAlert } from "../../../components/ProblemAlert";
import { fieldErrors } from "../../../lib/fields";
import { PlanCard } from "./PlanCard";

const fields = { passphrase: "passphrase", file: "file" };

/** Restore checks a backup first and shows what its restore would do; only then it can be confirmed. */
export function Restore() {
  const { t } = useTranslation();
  const stage = useStageRestore();
  const [share, setShare] = useState(0);
  const [rest, setRest] = useState<string[]>();
  const form = useForm({
    initialValues: { file: null as File | null, passphrase: "", queue: false, history: false },
    validate: {
      file: (file) => (file ? null : t("form.needed")),
      passphrase: (passphrase) => (passphrase === "" ? t("form.needed") : null),
    },
  });
  if (stage.data) {
    return <PlanCard plan={stage.data} onForgotten={() => stage.reset()} />;
  }
  const submit = form.onSubmit(({ file, ...values }) => {
    if (!file) {
      return;
    }
    setShare(0);
    stage.mutate(
      { ...values, file, onProgress: setShare },
      {
        onError: (error) => {
          const problem = asProblem(error);
          const found = fieldErrors(problem.fields, fields);
          form.setErrors(found.errors);
          setRest(problem.fields.length > 0 ? found.rest : undefined);
        },
      },
    );
  });
  return (
    <Paper p="md" component="section" aria-labelledby="restore">
      <form onSubmit={submit} noValidate>
        <Stack>
          <Title order={2} size="h4" id="restore">
            {t("backup.restore")}
          </Title>
          <Text size="sm">{t("backup.restoreText")}</Text>
          <FileDrop label={t("backup.file")} file={form.values.file} error={form.errors.file} onFile={(file) => form.setFieldValue("file", file)} />
          <PasswordInput maw={420} label={t("backup.itsPassphrase")} autoComplete="off" required {...form.getInputProps("passphrase")} />
          <Checkbox label={t("backup.restoreHistory")} description={t("backup.restoreHistoryHelp")} {...form.getInputProps("history", { type: "checkbox" })} />
          <Checkbox label={t("backup.restoreQueue")} description={t("backup.queueWarning")} {...form.getInputProps("queue", { type: "checkbox" })} />
          {stage.error && rest?.length !== 0 ? <ProblemAlert problem={asProblem(stage.error)} rest={rest} /> : null}
          {stage.isPending ? <Progress value={share * 100} aria-label={t("backup.sending")} animated={share === 1} /> : null}
          <Group>
            <Button type="submit" variant="default" loading={stage.isPending}>
              {t("backup.check")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Paper>
  );
}
