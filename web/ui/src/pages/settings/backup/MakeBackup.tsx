import { Button, Checkbox, Group, Paper, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";

import { useMakeBackup } from "../../../api/backup";
import { asProblem } from "../../../api/problem";
import { IconBackup } from "../../../components/icons";
import { ProblemAlert } from "../../../components/ProblemAlert";
import { saveAs } from "../../../lib/download";
import { formatBytes } from "../../../lib/format";

/** MakeBackup asks for the passphrase twice: a typing error in it would be found out on the day of the restore. */
export function MakeBackup() {
  const { t, i18n } = useTranslation();
  const make = useMakeBackup();
  const form = useForm({
    initialValues: { passphrase: "", again: "", queue: false, history: false },
    validate: {
      passphrase: (passphrase) => (passphrase === "" ? t("form.needed") : null),
      again: (again, { passphrase }) => (again === passphrase ? null : t("backup.notTheSame")),
    },
  });
  const submit = form.onSubmit(({ passphrase, queue, history }) =>
    make.mutate(
      { passphrase, queue, history },
      {
        onSuccess: ({ content, name }) => {
          saveAs(content, name);
          form.reset();
        },
        onError: (error) => {
          const wrong = asProblem(error).fields.find(({ field }) => field === "passphrase");
          form.setErrors(wrong ? { passphrase: wrong.detail } : {});
        },
      },
    ),
  );
  const problem = make.error ? asProblem(make.error) : undefined;
  return (
    <Paper p="md" component="section" aria-labelledby="make-backup">
      <form onSubmit={submit} noValidate>
        <Stack>
          <Title order={2} size="h4" id="make-backup">
            {t("backup.make")}
          </Title>
          <Text size="sm">{t("backup.what")}</Text>
          <Group grow align="flex-start" preventGrowOverflow={false}>
            <PasswordInput miw={220} label={t("backup.passphrase")} description={t("backup.passphraseHelp")} autoComplete="new-password" required {...form.getInputProps("passphrase")} />
            <PasswordInput miw={220} label={t("backup.again")} description={t("backup.againHelp")} autoComplete="new-password" required {...form.getInputProps("again")} />
          </Group>
          <Checkbox label={t("backup.history")} {...form.getInputProps("history", { type: "checkbox" })} />
          <Checkbox label={t("backup.queue")} description={t("backup.queueWarning")} {...form.getInputProps("queue", { type: "checkbox" })} />
          {problem && problem.fields.length === 0 ? <ProblemAlert problem={problem} /> : null}
          <Group>
            <Button type="submit" loading={make.isPending} leftSection={<IconBackup size={18} />}>
              {t("backup.makeAndSave")}
            </Button>
            <Text size="sm" role="status">
              {make.data ? t("backup.made", { name: make.data.name, size: formatBytes(make.data.content.size, i18n.language) }) : ""}
            </Text>
          </Group>
        </Stack>
      </form>
    </Paper>
  );
}
