import { Autocomplete, Button, Group, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { useSerialPorts } from "../../api/devices";
import { hardware, isGone, nameOf, spare } from "./serialPorts";

interface Props {
  value: string;
  error?: ReactNode;
  onChange: (path: string) => void;
}

/** SerialPortField offers the ports of the machine by the names of their adapters; another path can be typed. */
export function SerialPortField({ value, error, onChange }: Props) {
  const { t } = useTranslation();
  const ports = useSerialPorts(true);
  const there = hardware(ports.data ?? []);
  const names = new Map(there.map((port) => [port.path, nameOf(port)]));
  const gone = ports.data !== undefined && there.length > 0 && isGone(ports.data, value);
  const chosen = there.find(({ path }) => path === value);
  const twins = chosen?.twin ? t("device.twinPort") : "";
  return (
    <Stack gap={6}>
      <Autocomplete
        label={t("device.serialPort")}
        description={
          ports.data !== undefined && there.length === 0 ? t("device.noSerialPorts") : gone ? t("wizard.portGone") : [chosen ? nameOf(chosen) : t("device.serialPortHelp"), twins].filter(Boolean).join(" · ")
        }
        placeholder="/dev/ttyUSB0"
        data={[...names.keys()]}
        // All of them are shown, whatever is in the field: the path of an adapter says little about it.
        filter={({ options }) => options}
        renderOption={({ option }) => (
          <Stack gap={0}>
            <Text size="sm">{names.get(option.value) || option.value}</Text>
            <Text size="xs" c="dimmed" className="mono" style={{ overflowWrap: "anywhere" }}>
              {option.value}
            </Text>
          </Stack>
        )}
        required
        value={value}
        onChange={onChange}
        error={error}
      />
      {gone ? (
        <Group gap="xs">
          {spare(there).map((port) => (
            <Button key={port.path} size="xs" variant="default" onClick={() => onChange(port.path)} title={port.path}>
              {t("device.usePort", { name: nameOf(port) })}
            </Button>
          ))}
        </Group>
      ) : null}
      {gone && spare(there).some(({ twin }) => twin) ? (
        <Text size="xs" c="dimmed">
          {t("device.twinPort")}
        </Text>
      ) : null}
    </Stack>
  );
}
