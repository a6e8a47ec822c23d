import { Anchor, Button, Checkbox, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { asProblem } from "../../api/problem";
import { useSession, useSetUp } from "../../api/session";
import { ClockCheck } from "../../components/ClockCheck";
import { EntryFrame } from "../../components/EntryFrame";
import { ProblemAlert } from "../../components/ProblemAlert";
import { LoadingPage } from "../../components/states";
import { ZoneSelect } from "../../components/ZoneSelect";
import { fieldErrors } from "../../lib/fields";
import { forgetSetupToken, setupToken } from "../../lib/setupToken";
import { browserZone } from "../../lib/time";
import { useThen } from "../../lib/useThen";

const shortestPassword = 8;

export function SetupPage() {
  const { t } = useTranslation();
  const { data: session } = useSession();
  if (session?.setUpDone && !session.user) {
    return (
      <EntryFrame title={t("setup.title")} text={t("setup.done")}>
        <Anchor component={Link} to="/login">
          {t("login.title")}
        </Anchor>
      </EntryFrame>
    );
  }
  return session ? <SetupForm gatewayName={session.gatewayName ?? ""} /> : <LoadingPage />;
}

function SetupForm({ gatewayName }: { gatewayName: string }) {
  const { t } = useTranslation();
  const setUp = useSetUp();
  const then = useThen();
  const form = useForm({
    initialValues: { token: setupToken(), name: "admin", password: "", gatewayName, timeZone: browserZone(), openMqttTls: false },
    validate: {
      token: (token) => (token === "" ? t("setup.tokenMissing") : null),
      name: (name) => (name === "" ? t("setup.nameMissing") : null),
      gatewayName: (name) => (/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(name) ? null : t("site.nameWrong")),
      password: (password) => (password.length < shortestPassword ? t("setup.passwordShort") : null),
    },
  });
  const submit = form.onSubmit((values) =>
    setUp.mutate(values, {
      onSuccess: () => {
        forgetSetupToken();
        then();
      },
      onError: (error) => {
        form.setErrors(fieldErrors(asProblem(error).fields, { token: "token", name: "name", password: "password", gatewayName: "gatewayName", timeZone: "timeZone" }).errors);
      },
    }),
  );
  return (
    <EntryFrame title={t("setup.title")} text={t("setup.text")}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <TextInput
            label={t("setup.token")}
            description={t("setup.tokenHelp")}
            size="md"
            classNames={{ input: "mono" }}
            {...form.getInputProps("token")}
          />
          <TextInput label={t("login.name")} autoComplete="username" size="md" {...form.getInputProps("name")} />
          <PasswordInput
            label={t("login.password")}
            description={t("setup.passwordHelp")}
            autoComplete="new-password"
            size="md"
            {...form.getInputProps("password")}
          />
          <TextInput label={t("site.name")} description={t("site.nameHelp")} size="md" {...form.getInputProps("gatewayName")} />
          <ZoneSelect size="md" value={form.values.timeZone} onChange={(zone) => form.setFieldValue("timeZone", zone)} error={form.errors["timeZone"] as string | undefined ?? null} />
          <ClockCheck />
          <Checkbox
            label={t("setup.openMqttTls")}
            description={t("setup.openMqttTlsHelp")}
            {...form.getInputProps("openMqttTls", { type: "checkbox" })}
          />
          {setUp.error ? <ProblemAlert problem={asProblem(setUp.error)} /> : null}
          <Button type="submit" size="md" loading={setUp.isPending}>
            {t("setup.submit")}
          </Button>
        </Stack>
      </form>
    </EntryFrame>
  );
}
