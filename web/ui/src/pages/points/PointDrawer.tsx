import { Autocomplete, Group, NumberInput, Select, Switch, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useSaveDevice } from "../../api/devices";
import type { Config, Point } from "../../api/model";
import { asProblem } from "../../api/problem";
import { FormDrawer } from "../../components/FormDrawer";
import { ProblemAlert } from "../../components/ProblemAlert";
import { byteOrders, types } from "../../lib/byteOrder";
import { fieldErrors } from "../../lib/fields";
import { freeID, isID, slug } from "../../lib/slug";
import { topicOf } from "../../lib/topic";
import { DecodingFields } from "./DecodingFields";
import { MeaningFields } from "./MeaningFields";
import { fields, hasCount, pointOf, type PointValues, valuesOf, withPoint } from "./pointForm";
import { PublishFields } from "./PublishFields";
import { TryPoint } from "./TryPoint";

interface Props {
  config: Config;
  deviceID: string;
  /** The point to change; undefined for a new one. */
  point: Point | undefined;
  onClose: () => void;
}

export function PointDrawer({ config, deviceID, point, onClose }: Props) {
  const { t } = useTranslation();
  const save = useSaveDevice();
  const [made] = useState(config);
  const [ownID, setOwnID] = useState(false);
  const [rest, setRest] = useState<string[]>();
  const [chosen, setChosen] = useState(deviceID || made.devices[0]?.id || "");
  const device = made.devices.find((one) => one.id === chosen);
  const line = (made.connections.find((one) => one.id === device?.connection)?.url ?? "").startsWith("line");
  const form = useForm<PointValues>({
    initialValues: valuesOf(point, line),
    validate: {
      id: (id) => {
        if (!isID(id)) {
          return t("form.badID");
        }
        return id !== point?.id && device?.points.some((one) => one.id === id) ? t("form.takenID") : null;
      },
      address: (address, all) => (all.expression !== "" || /[^:]$/.test(address.trim()) ? null : t("form.needed")),
    },
  });
  const { values } = form;
  const orders = byteOrders(values.type);
  const showErrors = (error: unknown) => {
    const problem = asProblem(error);
    const found = fieldErrors(problem.fields, fields);
    form.setErrors(found.errors);
    setRest(problem.fields.length > 0 ? found.rest : undefined);
  };
  const submit = form.onSubmit(() => {
    if (!device) {
      return;
    }
    save.mutate(
      { id: device.id, revision: made.revision, device: withPoint(device, point?.id, pointOf(values)) },
      {
        onSuccess: () => {
          notifications.show({ message: t("point.saved", { name: values.name || values.id }) });
          onClose();
        },
        onError: showErrors,
      },
    );
  });
  return (
    <FormDrawer
      opened
      title={point ? t("point.editTitle", { name: point.name || point.id }) : t("point.addTitle")}
      saving={save.isPending}
      onClose={onClose}
      onSubmit={submit}
      problem={save.error ? <ProblemAlert problem={asProblem(save.error)} rest={rest} /> : null}
    >
      {point ? null : (
        <Select
          label={t("point.device")}
          data={made.devices.map((one) => ({ value: one.id, label: one.name || one.id }))}
          value={chosen}
          onChange={(value) => setChosen(value ?? "")}
        />
      )}
      <Group grow align="flex-start">
        <TextInput
          label={t("form.name")}
          data-autofocus
          {...form.getInputProps("name")}
          onChange={(event) => {
            form.setFieldValue("name", event.currentTarget.value);
            if (point === undefined && !ownID) {
              form.setFieldValue("id", freeID(slug(event.currentTarget.value), device?.points.map((one) => one.id) ?? []));
            }
          }}
        />
        <TextInput label={t("form.id")} classNames={{ input: "mono" }} required readOnly={point !== undefined} variant={point ? "filled" : "default"} {...form.getInputProps("id")} onInput={() => setOwnID(true)} />
      </Group>
      {values.expression === "" ? (
        <TextInput label={t("point.address")} description={t(line ? "point.addressHelpLine" : "point.addressHelp")} classNames={{ input: "mono" }} required {...form.getInputProps("address")} />
      ) : null}
      <TextInput label={t("point.expression")} placeholder="volts * amps" description={t("point.expressionHelp")} classNames={{ input: "mono" }} {...form.getInputProps("expression")} />
      <Group grow align="flex-start">
        <Select label={t("point.type")} data={[...types]} {...form.getInputProps("type")} />
        {values.type === "string" ? <NumberInput label={t("point.length")} min={1} max={250} {...form.getInputProps("length")} /> : null}
        {hasCount(values.type) && !line && values.expression === "" ? (
          <NumberInput label={t("point.count")} placeholder="1" min={1} max={125} {...form.getInputProps("count")} />
        ) : null}
        {orders.length > 0 && !line ? (
          <Autocomplete label={t("point.byteOrder")} placeholder={orders[0]} data={[...orders]} classNames={{ input: "mono" }} {...form.getInputProps("byteOrder")} />
        ) : null}
      </Group>
      {values.expression === "" ? <DecodingFields form={form} line={line} /> : null}
      {device ? <TryPoint config={made} device={device} values={values} onChoose={(order) => form.setFieldValue("byteOrder", order)} onError={showErrors} /> : null}
      <MeaningFields form={form} />
      <Select
        label={t("device.scanClass")}
        data={[
          { value: "", label: t("point.ofDevice") },
          ...made.scanClasses.map((one) => ({ value: one.id, label: t("device.every", { id: one.id, interval: one.interval }) })),
        ]}
        {...form.getInputProps("scanClass")}
      />
      {values.expression === "" ? (
        <Switch label={t("point.writable")} description={t("point.writableHelp")} {...form.getInputProps("writable", { type: "checkbox" })} />
      ) : null}
      <PublishFields form={form} />
      <TextInput label={t("point.topic")} placeholder={topicOf("", made.name, chosen, values.id || "id")} classNames={{ input: "mono" }} {...form.getInputProps("topic")} />
      <Group grow align="flex-end">
        <Select
          label={t("point.payload")}
          data={[
            { value: "json", label: t("payload.json") },
            { value: "plain", label: t("payload.plain") },
          ]}
          {...form.getInputProps("payload")}
        />
        <Select label={t("bridge.qos")} data={["0", "1", "2"]} {...form.getInputProps("qos")} />
      </Group>
      <Switch label={t("point.retain")} {...form.getInputProps("retain", { type: "checkbox" })} />
    </FormDrawer>
  );
}
