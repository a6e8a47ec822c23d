import { Select, Stack } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useTranslation } from "react-i18next";

import { useBridgePresets } from "../../api/bridges";
import { Rules } from "./Rules";
import { type Values, withPreset } from "./values";

/** PresetFields choose the kind of cloud and say what it demands. */
export function PresetFields({ form }: { form: UseFormReturnType<Values> }) {
  const { t } = useTranslation();
  const presets = useBridgePresets();
  const list = presets.data ?? [];
  const chosen = list.find(({ id }) => id === form.values.preset);
  return (
    <Stack gap="xs">
      <Select
        label={t("bridge.preset")}
        description={t("bridge.presetHelp")}
        data={[{ value: "", label: t("bridge.anyBroker") }, ...list.map(({ id, name }) => ({ value: id, label: name }))]}
        value={form.values.preset}
        onChange={(id) => form.setValues(withPreset(form.values, id ?? "", list))}
        error={form.errors.preset}
      />
      {chosen ? <Rules preset={chosen} /> : null}
    </Stack>
  );
}
