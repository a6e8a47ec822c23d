import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";

import { asProblem } from "../../api/problem";
import { useLogin } from "../../api/session";
import { EntryFrame } from "../../components/EntryFrame";
import { ProblemAlert } from "../../components/ProblemAlert";
import { useThen } from "../../lib/useThen";

export function LoginPage() {
  const { t } = useTranslation();
  const login = useLogin();
  const then = useThen();
  const form = useForm({ initialValues: { name: "", password: "" } });
  return (
    <EntryFrame title={t("login.title")} text={t("login.text")}>
      <form onSubmit={form.onSubmit((values) => login.mutate(values, { onSuccess: then }))}>
        <Stack>
          <TextInput label={t("login.name")} autoComplete="username" size="md" required autoFocus {...form.getInputProps("name")} />
          <PasswordInput
            label={t("login.password")}
            autoComplete="current-password"
            size="md"
            required
            {...form.getInputProps("password")}
          />
          {login.error ? <ProblemAlert problem={asProblem(login.error)} /> : null}
          <Button type="submit" size="md" loading={login.isPending}>
            {t("login.submit")}
          </Button>
        </Stack>
      </form>
    </EntryFrame>
  );
}
