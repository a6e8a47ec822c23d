import { Group, NumberInput, Select, Stack, Switch, Text } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useTranslation } from "react-i18next";

import type { Backlog } from "../../api/model";
import { formatBytes, formatCount, formatRate, formatSpan } from "../../lib/format";
import { rate } from "../../lib/rates";
import { useHistory, useStatus } from "../../live/live";
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
      <Group grow align="flex-end">
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
  const present = backlog?.in;
  if (!backlog) {
    return <FirstEstimate />;
  }
  if (!present || present.bytes === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t("bridge.noEstimate")}
      </Text>
    );
  }
  const facts = { messages: formatCount(present.messages, i18n.language), perDay: formatBytes(present.bytes * 24 * hourSeconds, i18n.language) };
  const { hours, gigabytes } = values.storage;
  return (
    <Text size="sm" c="dimmed">
      {t("bridge.estimate", facts)}{" "}
      {hours === "" ? "" : t("bridge.estimateHours", { hours, bytes: formatBytes(present.bytes * hours * hourSeconds, i18n.language) })}{" "}
      {gigabytes === "" ? "" : t("bridge.estimateBytes", { span: formatSpan(((gigabytes * gigabyte) / present.bytes) * 1000, i18n.language) })}
    </Text>
  );
}

/** What a reading takes in a queue, about: topic, JSON and what belongs to a message. */
const bytesOfReading = 180;

/** FirstEstimate is what can be said of a bridge that does not run yet: as if it took every reading. */
function FirstEstimate() {
  const { t, i18n } = useTranslation();
  const free = useStatus()?.storage.freeBytes ?? 0;
  const readings = rate(useHistory(), (sample) => sample.readings);
  if (!readings || free <= 0) {
    return (
      <Text size="sm" c="dimmed">
        {t("bridge.noEstimate")}
      </Text>
    );
  }
  const bytes = readings * bytesOfReading;
  return (
    <Text size="sm" c="dimmed">
      {t("bridge.estimateNew", { messages: formatRate(readings, i18n.language), perDay: formatBytes(bytes * 24 * hourSeconds, i18n.language) })}{" "}
      {t("bridge.estimateFree", { bytes: formatBytes(free / 2, i18n.language), span: formatSpan((free / 2 / bytes) * 1000, i18n.language) })}
    </Text>
  );
}
