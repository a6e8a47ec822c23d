import { Group, Select, Switch, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useTranslation } from "react-i18next";

import { encodingsOf, isNumber, isWhole } from "../../lib/encoding";
import { fillsUp, type PointValues } from "./pointForm";

interface Props {
  form: UseFormReturnType<PointValues>;
  /** Values that come as text have no registers to take bits or a scale from. */
  line: boolean;
}

/** DecodingFields are how the bytes become the value, as far as the type leaves a choice. */
export function DecodingFields({ form, line }: Props) {
  const { t } = useTranslation();
  const { type } = form.values;
  const encodings = encodingsOf(type);
  if (line) {
    return null;
  }
  const usual = type === "time" ? [] : [{ value: "", label: t("encoding.usual") }];
  return (
    <>
      <Group grow align="flex-start">
        {encodings.length > 0 ? (
          <Select
            label={t("point.encoding")}
            data={[...usual, ...encodings.map((one) => ({ value: one, label: t(`encoding.${one}`) }))]}
            {...form.getInputProps("encoding")}
          />
        ) : null}
        {isWhole(type) || type === "bool" ? (
          <TextInput label={t("point.bits")} placeholder={t("point.bitsAll")} description={t("point.bitsHelp")} classNames={{ input: "mono" }} {...form.getInputProps("bits")} />
        ) : null}
      </Group>
      {type === "bool" ? <Switch label={t("point.inverted")} {...form.getInputProps("inverted", { type: "checkbox" })} /> : null}
      {type === "string" && fillsUp(form.values.encoding) ? (
        <Switch label={t("point.blanks")} description={t("point.blanksHelp")} {...form.getInputProps("blanks", { type: "checkbox" })} />
      ) : null}
      <Group grow align="flex-start">
        {type === "bool" ? null : (
          <TextInput label={t("point.invalid")} placeholder="0x8000, sunspec" description={t("point.invalidHelp")} classNames={{ input: "mono" }} {...form.getInputProps("invalid")} />
        )}
        {isNumber(type) ? (
          <TextInput label={t("point.scaleFrom")} placeholder="holding:101" description={t("point.scaleFromHelp")} classNames={{ input: "mono" }} {...form.getInputProps("scaleFrom")} />
        ) : null}
      </Group>
    </>
  );
}
