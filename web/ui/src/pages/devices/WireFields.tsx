import { Group, NumberInput, SegmentedControl, Select, Stack, Switch, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useTranslation } from "react-i18next";

import { bauds, usesNetwork } from "../../lib/address";
import { useIsNarrow } from "../../lib/useIsPhone";
import type { DeviceValues } from "./deviceForm";
import { SerialPortField } from "./SerialPortField";

type Form = UseFormReturnType<DeviceValues>;

const protocols = ["tcp", "rtu", "ascii", "line"] as const;

/** WireFields asks for what is spoken, and where. */
export function WireFields({ form }: { form: Form }) {
  const { t } = useTranslation();
  const narrow = useIsNarrow();
  const { protocol, overNetwork } = form.values;
  const choices = protocols.map((value) => ({ value, label: t(`protocol.${value}`) }));
  const choose = (value: string) => {
    const next = protocols.find((one) => one === value) ?? "tcp";
    form.setValues({
      protocol: next,
      overNetwork: next === "tcp",
      port: next === "tcp" ? 502 : 4001,
      scheme: undefined,
      extra: undefined,
      ...(next === "ascii" ? { parity: "E", data: 7 } : { parity: "N", data: 8 }),
    });
  };
  return (
    <Stack gap="md">
      <SegmentedControl fullWidth size={narrow ? "md" : "sm"} orientation={narrow ? "vertical" : "horizontal"} aria-label={t("device.protocol")} data={choices} value={protocol} onChange={choose} />
      {protocol === "tcp" ? null : (
        <Switch
          label={t("device.serialServer")}
          checked={overNetwork}
          onChange={(event) => form.setFieldValue("overNetwork", event.currentTarget.checked)}
        />
      )}
      {usesNetwork(form.values) ? <NetworkFields form={form} /> : <SerialFields form={form} />}
    </Stack>
  );
}

function NetworkFields({ form }: { form: Form }) {
  const { t } = useTranslation();
  return (
    <Group align="flex-start" wrap="nowrap">
      <TextInput flex={1} label={t("device.host")} placeholder="192.168.0.10" inputMode="url" required {...form.getInputProps("host")} />
      <NumberInput w={110} label={t("device.port")} min={1} max={65_535} required {...form.getInputProps("port")} />
    </Group>
  );
}

function SerialFields({ form }: { form: Form }) {
  const { t } = useTranslation();
  return (
    <>
      <SerialPortField value={form.values.path} error={form.errors.path} onChange={(path) => form.setFieldValue("path", path)} />
      <Group grow align="flex-start">
        <Select
          label={t("device.baud")}
          data={bauds.map(String)}
          value={String(form.values.baud)}
          onChange={(value) => form.setFieldValue("baud", Number(value))}
        />
        <Select
          label={t("device.parity")}
          data={(["N", "E", "O"] as const).map((value) => ({ value, label: t(`parity.${value}`) }))}
          {...form.getInputProps("parity")}
        />
        <Select
          label={t("device.stopBits")}
          data={["1", "2"]}
          value={String(form.values.stop)}
          onChange={(value) => form.setFieldValue("stop", Number(value))}
        />
      </Group>
    </>
  );
}
