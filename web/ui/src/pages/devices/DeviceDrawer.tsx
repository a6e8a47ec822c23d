import { Button, Group, NumberInput, Paper, Select, Stack, Switch, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useSaveDevice, useTestDevice } from "../../api/devices";
import type { Config, Device } from "../../api/model";
import { asProblem } from "../../api/problem";
import { FormDrawer } from "../../components/FormDrawer";
import { IconTest } from "../../components/icons";
import { ProblemAlert } from "../../components/ProblemAlert";
import { Readings } from "../../components/Readings";
import { placeOf, usesNetwork } from "../../lib/address";
import { fieldErrors } from "../../lib/fields";
import { connectionOf, deviceOf, type DeviceValues, fieldsOf, newWire, probeOf, valuesOf } from "./deviceForm";
import { HabitFields } from "./HabitFields";
import { ownHabits } from "./habits";
import { WireFields } from "./WireFields";

interface Props {
  config: Config;
  device: Device;
  onClose: () => void;
}

/** DeviceDrawer changes a device; new ones come by the wizard. */
export function DeviceDrawer({ config, device, onClose }: Props) {
  const { t } = useTranslation();
  const save = useSaveDevice();
  const test = useTestDevice();
  // A form belongs to the revision that it was made from, also when another one arrives meanwhile.
  const [made] = useState(config);
  const [rest, setRest] = useState<string[]>();
  const form = useForm<DeviceValues>({
    initialValues: valuesOf(made, device),
    validate: {
      name: (name) => (name.trim() === "" ? t("form.needed") : null),
      host: (host, values) => (usesNetwork(values) && host.trim() === "" ? t("form.needed") : null),
      path: (path, values) => (!usesNetwork(values) && path.trim() === "" ? t("form.needed") : null),
    },
  });
  const { values } = form;
  const { points } = device;
  const wires = [
    { value: newWire, label: t("device.newWire") },
    ...made.connections.map((one) => ({ value: one.id, label: `${one.name || one.id} · ${placeOf(one.url)}` })),
  ];
  const sharing = made.devices.filter((one) => one.connection === values.wire && one.id !== device.id);

  const showErrors = (error: unknown) => {
    const problem = asProblem(error);
    const found = fieldErrors(problem.fields, fieldsOf(values));
    form.setErrors(found.errors);
    setRest(problem.fields.length > 0 ? found.rest : undefined);
  };
  const submit = form.onSubmit(() => {
    const { connection, changed } = connectionOf(made, values);
    save.mutate(
      {
        id: device.id,
        revision: made.revision,
        connection: changed ? connection : undefined,
        device: deviceOf(values, connection.id, device, points),
      },
      {
        onSuccess: () => {
          notifications.show({ message: t("device.saved", { name: values.name }) });
          onClose();
        },
        onError: showErrors,
      },
    );
  });
  const runTest = () => {
    if (form.validate().hasErrors) {
      return;
    }
    const { connection } = connectionOf(made, values);
    const tested = deviceOf(values, connection.id, device, points.length > 0 ? points : [probeOf(values)]);
    test.mutate({ connection, device: { ...tested, disabled: undefined } }, { onError: showErrors });
  };
  const chooseWire = (wire: string | null) => {
    const known = made.devices.find((one) => one.connection === wire);
    const filled = known ? valuesOf(made, known) : valuesOf(made, undefined);
    form.setValues({ ...filled, ...ownHabits(values), name: values.name, id: values.id, unit: values.unit, scanClass: values.scanClass, enabled: values.enabled, wire: wire ?? newWire });
  };
  return (
    <FormDrawer
      opened
      title={t("device.editTitle", { name: device.name || device.id })}
      saving={save.isPending}
      onClose={onClose}
      onSubmit={submit}
      problem={save.error ? <ProblemAlert problem={asProblem(save.error)} rest={rest} /> : null}
    >
      <TextInput label={t("form.name")} required data-autofocus {...form.getInputProps("name")} />
      <TextInput label={t("form.id")} description={t("device.idHelp")} classNames={{ input: "mono" }} required readOnly variant="filled" {...form.getInputProps("id")} />
      {wires.length > 1 ? <Select label={t("device.wire")} data={wires} value={values.wire} onChange={chooseWire} /> : null}
      <WireFields form={form} />
      {sharing.length > 0 ? (
        <Text size="sm" c="dimmed">
          {t("device.shared", { names: sharing.map((one) => one.name || one.id).join(", ") })}
        </Text>
      ) : null}
      <Group grow align="flex-start">
        {values.protocol === "line" ? null : <NumberInput label={t("device.unit")} min={0} max={255} {...form.getInputProps("unit")} />}
        <Select
          label={t("device.scanClass")}
          data={made.scanClasses.map((one) => ({ value: one.id, label: t("device.every", { id: one.id, interval: one.interval }) }))}
          {...form.getInputProps("scanClass")}
        />
        <TextInput label={t("device.timeout")} {...form.getInputProps("timeout")} />
      </Group>
      <Switch label={t("form.enabled")} {...form.getInputProps("enabled", { type: "checkbox" })} />
      <HabitFields form={form} />
      <Paper p="md">
        <Stack gap="sm">
          <Group justify="space-between" align="flex-end">
            {points.length === 0 && values.protocol !== "line" ? (
              <TextInput flex={1} label={t("device.probe")} description={t("device.probeHelp")} {...form.getInputProps("probeAddress")} />
            ) : (
              <Text size="sm">{t("device.testHelp")}</Text>
            )}
            <Button variant="default" leftSection={<IconTest size={18} />} loading={test.isPending} onClick={runTest}>
              {t("device.test")}
            </Button>
          </Group>
          <div aria-live="polite">
            {test.data ? <Readings readings={test.data} names={(id) => points.find((one) => one.id === id)?.name || (id === "probe" ? values.probeAddress : id)} /> : null}
            {test.error ? <ProblemAlert problem={asProblem(test.error)} /> : null}
          </div>
        </Stack>
      </Paper>
    </FormDrawer>
  );
}
