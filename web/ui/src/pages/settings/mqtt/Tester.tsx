import { Button, Code, Group, Paper, Select, Stack, Text, TextInput, Title } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";

import type { MQTTAnswer, MQTTUser, Rule } from "../../../api/model";
import { useMayMQTT, usePresets } from "../../../api/mqttUsers";
import { asProblem } from "../../../api/problem";
import { ToneBadge } from "../../../components/badges";
import { ProblemAlert } from "../../../components/ProblemAlert";
import { inForce } from "./rights";

/** nobody is the choice for a client without an account. */
const nobody = "+";

/** Where clients need no account, they may do everything. */
const withoutAccount = { preset: "everything" };

/** Tester asks the gateway what it would answer to a client, and says which rule decides. */
export function Tester({ users }: { users: readonly MQTTUser[] }) {
  const { t } = useTranslation();
  const may = useMayMQTT();
  const presets = usePresets().data ?? [];
  const form = useForm({ initialValues: { user: users[0]?.name ?? nobody, clientId: "", action: "publish", topic: "" } });
  const asked = users.find(({ name }) => name === may.variables?.user);
  const rules = inForce(asked?.rights ?? withoutAccount, presets);
  return (
    <Paper p="md" component="section" aria-labelledby="tester">
      <form
        onSubmit={form.onSubmit(({ user, action, ...rest }) =>
          may.mutate({ ...rest, ...(user === nobody ? {} : { user }), action: action === "publish" ? "publish" : "subscribe" }),
        )}
      >
        <Stack>
          <Title order={2} size="h4" id="tester">
            {t("tester.title")}
          </Title>
          <Group align="flex-end" gap="sm">
            <Select
              flex="1 1 160px"
              label={t("tester.user")}
              data={[...users.map(({ name }) => ({ value: name, label: name })), { value: nobody, label: t("tester.nobody") }]}
              {...form.getInputProps("user")}
            />
            <TextInput flex="1 1 140px" label={t("tester.client")} classNames={{ input: "mono" }} {...form.getInputProps("clientId")} />
            <Select
              w={170}
              label={t("tester.action")}
              data={(["publish", "subscribe"] as const).map((value) => ({ value, label: t(`action.${value}`) }))}
              {...form.getInputProps("action")}
            />
            <TextInput flex="1 1 200px" label={t("tester.topic")} classNames={{ input: "mono" }} required {...form.getInputProps("topic")} />
            <Button type="submit" loading={may.isPending}>
              {t("tester.ask")}
            </Button>
          </Group>
          <div role="status">{may.data ? <Answer answer={may.data} rules={rules} /> : null}</div>
          {may.error ? <ProblemAlert problem={asProblem(may.error)} /> : null}
        </Stack>
      </form>
    </Paper>
  );
}

function Answer({ answer, rules }: { answer: MQTTAnswer; rules: readonly Rule[] }) {
  const { t } = useTranslation();
  const rule = answer.rule === undefined ? undefined : rules[answer.rule];
  return (
    <Group gap="sm">
      <ToneBadge tone={answer.allowed ? "good" : "bad"} text={t(answer.allowed ? "tester.allowed" : "tester.denied")} />
      {rule && answer.rule !== undefined ? (
        <Text size="sm">
          {t("tester.byRule", { number: answer.rule + 1 })} {t(`effect.${rule.effect}`)} · {t(`action.${rule.action}`)} <Code>{rule.filter}</Code>
        </Text>
      ) : (
        <Text size="sm">{t(`cause.${answer.reason}`)}</Text>
      )}
    </Group>
  );
}
