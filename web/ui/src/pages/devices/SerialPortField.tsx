import { Autocomplete, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { useSerialPorts } from "../../api/devices";

interface Props {
  value: string;
  error?: ReactNode;
  onChange: (path: string) => void;
}

/** SerialPortField offers the ports of the machine by the names of their adapters; another path can be typed. */
export function SerialPortField({ value, error, onChange }: Props) {
  const { t } = useTranslation();
  const ports = useSerialPorts(true);
  const names = new Map((ports.data ?? []).map((port) => [port.path, port.name]));
  const gone = value !== "" && ports.data !== undefined && ports.data.length > 0 && value.startsWith("/dev/") && !names.has(value);
  const chosen = names.get(value);
  return (
    <Autocomplete
      label={t("device.serialPort")}
      description={
        ports.data?.length === 0 ? t("device.noSerialPorts") : gone ? t("wizard.portGone") : chosen && chosen !== value ? chosen : t("device.serialPortHelp")
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
  );
}
