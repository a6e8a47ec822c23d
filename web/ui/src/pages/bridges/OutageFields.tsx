import { Group, NumberInput, Select, Stack, Switch, Text } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useTranslation } from "react-i18next";

import type { Backlog } from "../../api/model";
import { formatBytes, formatCount, formatSpan } from "../../lib/format";
import type { Values } from "./values";

const gigabyte = 1e9;
const hourSeconds = 3600;

interface Props {
  form: UseFormReturnType<Values>;
  /** That of the running bridge; undefined for a new one. */
  backlog: Backlog | undefined;
}

/** OutageFields bound what waits while the link is down, with how long that lasts at the present rate. */
export function OutageFields({ form, backlog }: Props) {
  const { t } = useTranslation();
  return (
    <Stack gap="sm">
      <Group grow align="flex-start">
        <NumberInput label={t("bridge.maxHours")} placeholder={t("bridge.brokersLimit")} min={0.1} {...form.getInputProps("storage.hours")} />
        <NumberInput label={t("bridge.maxGigabytes")} placeholder={t("bridge.halfDisk")} min={0.001} {...form.getInputProps("storage.gigabytes")} />
      </Group>
      <Estimate values={form.values} backlog={backlog} />
      <Select
        label={t("bridge.overflow")}
        data={(["drop-oldest", "drop-lowest-priority", "thin-out"] as const).map((value) => ({ value, label: t(`bridge.overflows.${value}`) }))}
        {...form.getInputProps("storage.overflow")}
      />
      <Switch label={t("bridge.keepQoS0")} {...form.getInputProps("storage.qos0", { type: "checkbox" })} />
    </Stack>
  );
}

function Estimate({ values, backlog }: { values: Values; backlog: Backlog | undefined }) {
  const { t, i18n } = useTranslation();
  const rate = backlog?.in;
  if (!rate || rate.bytes === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t("bridge.noEstimate")}
      </Text>
    );
  }
  const facts = { messages: formatCount(rate.messages, i18n.language), perDay: formatBytes(rate.bytes * 24 * hourSeconds, i18n.language) };
  const { hours, gigabytes } = values.storage;
  return (
    <Text size="sm" c="dimmed">
      {t("bridge.estimate", facts)}{" "}
      {hours === "" ? "" : t("bridge.estimateHours", { hours, bytes: formatBytes(rate.bytes * hours * hourSeconds, i18n.language) })}{" "}
      {gigabytes === "" ? "" : t("bridge.estimateBytes", { span: formatSpan(((gigabytes * gigabyte) / rate.bytes) * 1000, i18n.language) })}
    </Text>
  );
}
