import { Group, NumberInput, Switch, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useTranslation } from "react-i18next";

import { isNumber } from "../../lib/encoding";
import { hasTexts, type PointValues } from "./pointForm";

/** MeaningFields say what a value means: scale and unit, what makes sense, texts for numbers. */
export function MeaningFields({ form }: { form: UseFormReturnType<PointValues> }) {
  const { t } = useTranslation();
  const { type, min, max } = form.values;
  return (
    <>
      {isNumber(type) ? (
        <>
          <Group grow align="flex-start">
            <NumberInput label={t("point.scale")} placeholder="1" {...form.getInputProps("scale")} />
            <NumberInput label={t("point.offset")} placeholder="0" {...form.getInputProps("offset")} />
            <NumberInput label={t("point.decimals")} min={0} max={12} {...form.getInputProps("decimals")} />
            <TextInput label={t("point.unit")} placeholder="°C" {...form.getInputProps("unit")} />
          </Group>
          <Group grow align="flex-start">
            <NumberInput label={t("point.min")} {...form.getInputProps("min")} />
            <NumberInput label={t("point.max")} {...form.getInputProps("max")} />
          </Group>
        </>
      ) : null}
      {isNumber(type) && (min !== "" || max !== "") ? (
        <Switch label={t("point.outsideBad")} description={t("point.outsideBadHelp")} {...form.getInputProps("outsideBad", { type: "checkbox" })} />
      ) : null}
      {hasTexts(type) ? <TextInput label={t("point.enum")} placeholder="0=off; 1=on; *=unknown" description={t("point.enumHelp")} {...form.getInputProps("enum")} /> : null}
    </>
  );
}
