import { NumberInput, Select, Stack, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useTranslation } from "react-i18next";

import type { Values } from "./values";

/** LinkFields say how and when the bridge connects. */
export function LinkFields({ form }: { form: UseFormReturnType<Values> }) {
  const { t } = useTranslation();
  return (
    <Stack gap="sm">
      <TextInput label={t("bridge.backup")} description={t("bridge.backupHelp")} inputMode="url" {...form.getInputProps("link.backup")} />
      <Select
        label={t("bridge.start")}
        data={(["always", "on-demand", "schedule"] as const).map((value) => ({ value, label: t(`bridge.starts.${value}`) }))}
        {...form.getInputProps("link.start")}
      />
      {form.values.link.start === "schedule" ? (
        <TextInput label={t("bridge.hours")} description={t("bridge.hoursHelp")} classNames={{ input: "mono" }} {...form.getInputProps("link.hours")} />
      ) : null}
      <TextInput label={t("bridge.probeTopic")} description={t("bridge.probeTopicHelp")} classNames={{ input: "mono" }} {...form.getInputProps("link.probeTopic")} />
      <NumberInput label={t("backlog.capMessages")} placeholder={t("backlog.uncapped")} min={0} max={1_000_000} {...form.getInputProps("messagesPerSecond")} />
    </Stack>
  );
}
