import { Paper, Stack, Switch, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { useLocalLogin } from "../../../api/listeners";
import type { Config } from "../../../api/model";
import { asProblem } from "../../../api/problem";
import { ProblemAlert } from "../../../components/ProblemAlert";

/** LocalLoginCard says whether programs on the gateway itself need a name. */
export function LocalLoginCard({ config: { revision, localLogin } }: { config: Config }) {
  const { t } = useTranslation();
  const change = useLocalLogin();
  // What is left out of the configuration is off.
  const now = { tcp: localLogin?.tcp ?? false, socket: localLogin?.socket ?? false };
  const input = (name: "tcp" | "socket") => ({
    checked: now[name],
    disabled: change.isPending,
    onChange: () => change.mutate({ revision, localLogin: { ...now, [name]: !now[name] } }),
  });
  return (
    <Paper p="md" component="section" aria-labelledby="local-login">
      <Stack>
        <Title order={2} size="h4" id="local-login">
          {t("listener.local")}
        </Title>
        <Text size="sm" c="dimmed">
          {t("listener.localText")} {t("listener.localHelp")}
        </Text>
        <Switch label={t("listener.localTCP")} {...input("tcp")} />
        <Switch label={t("listener.localSocket")} {...input("socket")} />
        {change.error ? <ProblemAlert problem={asProblem(change.error)} /> : null}
      </Stack>
    </Paper>
  );
}
