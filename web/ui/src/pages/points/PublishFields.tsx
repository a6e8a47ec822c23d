import { Group, NumberInput, Switch, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useTranslation } from "react-i18next";

import type { PointValues } from "./pointForm";

/** PublishFields say which readings become messages. */
export function PublishFields({ form }: { form: UseFormReturnType<PointValues> }) {
  const { t } = useTranslation();
  return (
    <>
      <Switch label={t("point.onChange")} description={t("point.onChangeHelp")} {...form.getInputProps("onChange", { type: "checkbox" })} />
      {form.values.onChange ? (
        <Group grow align="flex-start">
          <NumberInput label={t("point.deadband")} placeholder="0" min={0} {...form.getInputProps("deadband")} />
          <NumberInput label={t("point.deadbandPercent")} placeholder="0" min={0} max={100} {...form.getInputProps("deadbandPercent")} />
          <TextInput label={t("point.longestSilence")} placeholder={t("point.longestSilenceNone")} {...form.getInputProps("longestSilence")} />
        </Group>
      ) : null}
    </>
  );
}
