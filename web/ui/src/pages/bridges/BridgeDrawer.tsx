import { Accordion, Group, NumberInput, PasswordInput, Select, Switch, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useSaveBridge } from "../../api/bridges";
import type { Bridge, Config } from "../../api/model";
import { asProblem } from "../../api/problem";
import { FormDrawer } from "../../components/FormDrawer";
import { ProblemAlert } from "../../components/ProblemAlert";
import { fieldErrors } from "../../lib/fields";
import { useStatus } from "../../live/live";
import { LinkFields } from "./LinkFields";
import { OutageFields } from "./OutageFields";
import { PresetFields } from "./PresetFields";
import { RouteList } from "./RouteList";
import { TryConnection } from "./TryConnection";
import { bridgeOf, fieldsOf, identityOf, type Values, valuesOf } from "./values";
import { WayFields } from "./WayFields";

interface Props {
  config: Config;
  bridge: Bridge;
  onClose: () => void;
}

/** BridgeDrawer changes a bridge; a new one comes by the wizard. */
export function BridgeDrawer({ config, bridge, onClose }: Props) {
  const { t } = useTranslation();
  const save = useSaveBridge();
  const [made, setMade] = useState(config);
  const [rest, setRest] = useState<string[]>();
  const form = useForm<Values>({
    initialValues: valuesOf(made, bridge),
    validate: {
      name: (name) => (name.trim() === "" ? t("form.needed") : null),
      url: (url) => (/^(mqtts?|wss?):\/\/[^/]+/.test(url.trim()) ? null : t("bridge.badURL")),
    },
  });
  const { values } = form;
  const backlog = useStatus()?.bridges.find(({ id }) => id === bridge.id)?.backlog;
  const order = () => ({ revision: made.revision, bridge: bridgeOf(values, bridge), identity: identityOf(values) });
  const submit = form.onSubmit(() =>
    save.mutate(
      { id: bridge.id, ...order() },
      {
        onSuccess: () => {
          notifications.show({ message: t("bridge.saved", { name: values.name }) });
          onClose();
        },
        onError: (error) => {
          const problem = asProblem(error);
          const found = fieldErrors(problem.fields, fieldsOf(values));
          form.setErrors(found.errors);
          setRest(problem.fields.length > 0 ? found.rest : undefined);
        },
      },
    ),
  );
  return (
    <FormDrawer
      opened
      title={t("bridge.editTitle", { name: bridge.name || bridge.id })}
      saving={save.isPending}
      onClose={onClose}
      onSubmit={submit}
      problem={save.error ? <ProblemAlert problem={asProblem(save.error)} rest={rest} /> : null}
    >
      <PresetFields form={form} />
      <TextInput label={t("form.name")} required data-autofocus {...form.getInputProps("name")} />
      <TextInput label={t("form.id")} classNames={{ input: "mono" }} required readOnly variant="filled" {...form.getInputProps("id")} />
      <TextInput label={t("bridge.url")} description={t("bridge.urlHelp")} inputMode="url" required {...form.getInputProps("url")} />
      <Group grow align="flex-start">
        <TextInput label={t("bridge.username")} {...form.getInputProps("username")} />
        <PasswordInput label={t("bridge.password")} autoComplete="new-password" {...form.getInputProps("password")} />
      </Group>
      <TextInput label={t("bridge.clientId")} placeholder={`tidegate-${made.name}-${values.id}`} {...form.getInputProps("clientId")} />
      <Group grow align="flex-start">
        <Select
          label={t("bridge.version")}
          data={[
            { value: "0", label: t("bridge.versionAuto") },
            { value: "5", label: t("bridge.version5") },
            { value: "4", label: t("bridge.version4") },
          ]}
          {...form.getInputProps("version")}
        />
        <NumberInput label={t("bridge.window")} placeholder={t("bridge.windowAuto")} min={1} max={32_000} {...form.getInputProps("window")} />
      </Group>
      <WayFields
        form={form}
        onPrepare={() => Promise.resolve({ id: bridge.id, revision: made.revision })}
        onRequested={({ revision }) => setMade({ ...made, revision })}
      />
      <Switch label={t("form.enabled")} {...form.getInputProps("enabled", { type: "checkbox" })} />
      <RouteList form={form} />
      <Accordion variant="separated" multiple order={3}>
        <Accordion.Item value="outage">
          <Accordion.Control>{t("bridge.outage")}</Accordion.Control>
          <Accordion.Panel>
            <OutageFields form={form} backlog={backlog} />
          </Accordion.Panel>
        </Accordion.Item>
        <Accordion.Item value="link">
          <Accordion.Control>{t("bridge.linkOptions")}</Accordion.Control>
          <Accordion.Panel>
            <LinkFields form={form} />
          </Accordion.Panel>
        </Accordion.Item>
      </Accordion>
      <TryConnection order={order} />
      <Text size="sm" c="dimmed">
        {t("bridge.editKeeps")}
      </Text>
    </FormDrawer>
  );
}
