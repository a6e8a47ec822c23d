import { List, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { BridgePreset } from "../../api/model";

/** Rules are what a cloud demands. */
export function Rules({ preset }: { preset: BridgePreset }) {
  const { t } = useTranslation();
  if (preset.rules.length === 0) {
    return null;
  }
  return (
    <div>
      <Text size="sm" fw={600} mb={4}>
        {t("bridge.rules", { name: preset.name })}
      </Text>
      <List size="sm">
        {preset.rules.map(({ rule, value, values }) => (
          <List.Item key={rule}>{t(`bridge.rule.${rule as "noRetain"}`, { defaultValue: rule, value, values: (values ?? []).join(", ") })}</List.Item>
        ))}
      </List>
    </div>
  );
}
