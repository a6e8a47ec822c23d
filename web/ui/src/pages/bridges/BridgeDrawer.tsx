import { Button, Group, NumberInput, Paper, PasswordInput, Select, Stack, Switch, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useSaveBridge } from "../../api/bridges";
import type { Bridge, Config, Route } from "../../api/model";
import { asProblem } from "../../api/problem";
import { FormDrawer } from "../../components/FormDrawer";
import { IconButton } from "../../components/IconButton";
import { IconAdd, IconDelete } from "../../components/icons";
import { ProblemAlert } from "../../components/ProblemAlert";
import { fieldErrors } from "../../lib/fields";
import { freeID, isID, slug } from "../../lib/slug";

interface Values {
  name: string;
  id: string;
  url: string;
  clientId: string;
  username: string;
  password: string;
  version: string;
  window: number | "";
  enabled: boolean;
  routes: Required<Route>[];
}

function valuesOf(config: Config, bridge: Bridge | undefined): Values {
  return {
    name: bridge?.name ?? "",
    id: bridge?.id ?? "",
    url: bridge?.url ?? "mqtt://",
    clientId: bridge?.clientId ?? "",
    username: bridge?.username ?? "",
    password: bridge?.password ?? "",
    version: String(bridge?.version ?? 0),
    window: bridge?.window || "",
    enabled: !bridge?.disabled,
    routes: (bridge?.routes ?? [{ direction: "out" as const, filter: `${config.name}/#`, qos: 1 }]).map((route) => ({ prefix: "", ...route })),
  };
}

function bridgeOf(values: Values, bridge: Bridge | undefined): Bridge {
  return {
    ...bridge,
    id: values.id,
    name: values.name,
    url: values.url.trim(),
    clientId: values.clientId || undefined,
    username: values.username || undefined,
    password: values.password || undefined,
    version: Number(values.version) || undefined,
    window: values.window === "" ? undefined : values.window,
    disabled: values.enabled ? undefined : true,
    routes: values.routes.map((route) => ({ ...route, prefix: route.prefix || undefined })),
  };
}

function fieldsOf(routes: number) {
  const names = ["id", "name", "url", "clientId", "username", "password", "version", "window"].map((name) => [`bridge.${name}`, name]);
  const ofRoutes = Array.from({ length: routes }, (_, index) =>
    ["filter", "prefix", "qos", "direction"].map((name) => [`routes.${index}.${name}`, `routes.${index}.${name}`]),
  );
  return Object.fromEntries([...names, ...ofRoutes.flat()]) as Record<string, string>;
}

interface Props {
  config: Config;
  bridge: Bridge | undefined;
  onClose: () => void;
}

export function BridgeDrawer({ config, bridge, onClose }: Props) {
  const { t } = useTranslation();
  const save = useSaveBridge();
  const [made] = useState(config);
  const [ownID, setOwnID] = useState(false);
  const [rest, setRest] = useState<string[]>();
  const form = useForm<Values>({
    initialValues: valuesOf(made, bridge),
    validate: {
      name: (name) => (name.trim() === "" ? t("form.needed") : null),
      id: (id) => (isID(id) ? null : t("form.badID")),
      url: (url) => (/^mqtts?:\/\/[^/]+/.test(url.trim()) ? null : t("bridge.badURL")),
    },
  });
  const { values } = form;
  const submit = form.onSubmit(() =>
    save.mutate(
      { id: bridge?.id, revision: made.revision, bridge: bridgeOf(values, bridge) },
      {
        onSuccess: () => {
          notifications.show({ message: t("bridge.saved", { name: values.name }) });
          onClose();
        },
        onError: (error) => {
          const problem = asProblem(error);
          const found = fieldErrors(problem.fields, fieldsOf(values.routes.length));
          form.setErrors(found.errors);
          setRest(problem.fields.length > 0 ? found.rest : undefined);
        },
      },
    ),
  );
  return (
    <FormDrawer
      opened
      title={bridge ? t("bridge.editTitle", { name: bridge.name || bridge.id }) : t("bridge.addTitle")}
      saving={save.isPending}
      onClose={onClose}
      onSubmit={submit}
      problem={save.error ? <ProblemAlert problem={asProblem(save.error)} rest={rest} /> : null}
    >
      <TextInput
        label={t("form.name")}
        required
        data-autofocus
        {...form.getInputProps("name")}
        onChange={(event) => {
          form.setFieldValue("name", event.currentTarget.value);
          if (bridge === undefined && !ownID) {
            form.setFieldValue("id", freeID(slug(event.currentTarget.value), made.bridges.map((one) => one.id)));
          }
        }}
      />
      <TextInput label={t("form.id")} classNames={{ input: "mono" }} required readOnly={bridge !== undefined} variant={bridge ? "filled" : "default"} {...form.getInputProps("id")} onInput={() => setOwnID(true)} />
      <TextInput label={t("bridge.url")} description={t("bridge.urlHelp")} inputMode="url" required {...form.getInputProps("url")} />
      <Group grow align="flex-start">
        <TextInput label={t("bridge.username")} {...form.getInputProps("username")} />
        <PasswordInput label={t("bridge.password")} autoComplete="new-password" {...form.getInputProps("password")} />
      </Group>
      <TextInput label={t("bridge.clientId")} placeholder={`tidegate-${made.name}-${values.id || "id"}`} {...form.getInputProps("clientId")} />
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
      <Switch label={t("form.enabled")} {...form.getInputProps("enabled", { type: "checkbox" })} />
      <Stack gap="sm" component="fieldset" m={0} p={0} bd="none">
        <Text component="legend" fw={600} size="sm" mb="xs">
          {t("bridge.routes")}
        </Text>
        {values.routes.map((_, index) => (
          // Routes have no name of their own; they are only added and removed at the end or by their place.
          // oxlint-disable-next-line react/no-array-index-key
          <Paper key={index} p="sm">
            <Group align="flex-end" gap="sm">
              <Select
                w={116}
                label={t("bridge.direction")}
                data={[
                  { value: "out", label: t("bridge.out") },
                  { value: "in", label: t("bridge.in") },
                ]}
                {...form.getInputProps(`routes.${index}.direction`)}
              />
              <TextInput flex="1 1 140px" label={t("bridge.filter")} classNames={{ input: "mono" }} required {...form.getInputProps(`routes.${index}.filter`)} />
              <TextInput flex="1 1 80px" label={t("bridge.prefix")} classNames={{ input: "mono" }} {...form.getInputProps(`routes.${index}.prefix`)} />
              <Select
                w={72}
                label={t("bridge.qos")}
                data={["0", "1", "2"]}
                value={String(values.routes[index]?.qos ?? 1)}
                onChange={(value) => form.setFieldValue(`routes.${index}.qos`, Number(value))}
              />
              <IconButton label={t("bridge.removeRoute", { number: index + 1 })} onClick={() => form.removeListItem("routes", index)}>
                <IconDelete />
              </IconButton>
            </Group>
          </Paper>
        ))}
        <Button variant="default" leftSection={<IconAdd size={18} />} onClick={() => form.insertListItem("routes", { direction: "out", filter: "", prefix: "", qos: 1 })}>
          {t("bridge.addRoute")}
        </Button>
      </Stack>
    </FormDrawer>
  );
}
