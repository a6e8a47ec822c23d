import { Accordion, Group, NumberInput, Select, Stack, Switch, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useTranslation } from "react-i18next";

import { usesNetwork } from "../../lib/address";
import type { DeviceValues } from "./deviceForm";
import { carriersOf } from "./habits";

type Form = UseFormReturnType<DeviceValues>;

interface Props {
  form: Form;
  /** Those of the wire alone: a device is not there yet. */
  wireOnly?: boolean;
}

/** HabitFields are for what is unusual; most devices need none of it. */
export function HabitFields({ form, wireOnly = false }: Props) {
  const { t } = useTranslation();
  const modbus = form.values.protocol !== "line";
  return (
    <Accordion variant="separated" multiple order={3}>
      <Accordion.Item value="wire">
        <Accordion.Control>{t("habits.wire")}</Accordion.Control>
        <Accordion.Panel>
          <WireHabits form={form} />
        </Accordion.Panel>
      </Accordion.Item>
      {modbus && !wireOnly ? (
        <Accordion.Item value="device">
          <Accordion.Control>{t("habits.device")}</Accordion.Control>
          <Accordion.Panel>
            <DeviceHabits form={form} />
          </Accordion.Panel>
        </Accordion.Item>
      ) : null}
    </Accordion>
  );
}

function WireHabits({ form }: { form: Form }) {
  const { t } = useTranslation();
  const { values } = form;
  const network = usesNetwork(values);
  const carriers = carriersOf(values.protocol);
  const modbusTCP = values.protocol === "tcp";
  return (
    <Stack gap="md">
      {network ? (
        <Select
          label={t("habits.carrier")}
          data={carriers.map(({ kind, scheme }) => ({ value: scheme, label: t(`carrier.${kind}`) }))}
          value={values.scheme ?? carriers[0]?.scheme ?? null}
          allowDeselect={false}
          onChange={(scheme) => form.setFieldValue("scheme", scheme === carriers[0]?.scheme ? undefined : (scheme ?? undefined))}
        />
      ) : null}
      {modbusTCP && values.scheme !== "tcp+listen" ? null : (
        <TextInput
          label={t("habits.parameters")}
          description={t(network ? "habits.parametersNetwork" : values.protocol === "line" ? "habits.parametersLine" : "habits.parametersSerial")}
          placeholder={network ? undefined : "rs485=on&echo=on"}
          classNames={{ input: "mono" }}
          value={values.extra ?? ""}
          onChange={(event) => form.setFieldValue("extra", event.currentTarget.value.trim() || undefined)}
        />
      )}
      <NumberInput label={t("habits.staleAfter")} description={t("habits.staleAfterHelp")} placeholder={values.protocol === "line" ? "10" : "3"} min={2} max={1000} {...form.getInputProps("staleAfter")} />
      {network && values.protocol !== "line" ? (
        <>
          <TextInput label={t("habits.pauseAfterConnect")} description={t("habits.pauseAfterConnectHelp")} placeholder="500ms" {...form.getInputProps("pauseAfterConnect")} />
          <Switch label={t("habits.closeAfterPoll")} description={t("habits.closeAfterPollHelp")} {...form.getInputProps("closeAfterPoll", { type: "checkbox" })} />
        </>
      ) : null}
    </Stack>
  );
}

function DeviceHabits({ form }: { form: Form }) {
  const { t } = useTranslation();
  return (
    <Stack gap="md">
      <Group grow align="flex-start">
        <NumberInput label={t("habits.maxRegisters")} placeholder="125" min={1} max={125} {...form.getInputProps("maxRegisters")} />
        <NumberInput label={t("habits.maxBits")} placeholder="2000" min={1} max={2000} {...form.getInputProps("maxBits")} />
      </Group>
      <TextInput label={t("habits.pause")} placeholder="20ms" {...form.getInputProps("pause")} />
      <Select
        label={t("habits.readFunction")}
        allowDeselect={false}
        data={(["0", "3", "4"] as const).map((value) => ({ value, label: t(`readFunction.${value}`) }))}
        {...form.getInputProps("readFunction")}
      />
      <Select
        label={t("habits.addressBase")}
        allowDeselect={false}
        data={(["0", "1"] as const).map((value) => ({ value, label: t(`addressBase.${value}`) }))}
        {...form.getInputProps("addressBase")}
      />
      <Switch label={t("habits.onePerPoint")} description={t("habits.onePerPointHelp")} {...form.getInputProps("onePerPoint", { type: "checkbox" })} />
      {form.values.protocol === "tcp" ? (
        <Switch label={t("habits.anyUnit")} description={t("habits.anyUnitHelp")} {...form.getInputProps("anyUnit", { type: "checkbox" })} />
      ) : null}
    </Stack>
  );
}
