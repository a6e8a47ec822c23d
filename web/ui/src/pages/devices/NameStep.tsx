import { List, Select, Stack, Text, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { Config } from "../../api/model";
import { batchOf, type Wizard } from "./wizard";

/** So many are listed; the rest is a number. */
const shown = 8;

interface Props {
  config: Config;
  wizard: Wizard;
  onChange: (part: Partial<Wizard>) => void;
}

/** NameStep asks how the devices are called and how often they are read, and shows what will be added. */
export function NameStep({ config, wizard, onChange }: Props) {
  const { t } = useTranslation();
  const { devices } = batchOf(config, wizard);
  return (
    <Stack gap="md">
      <TextInput
        label={t("wizard.pattern")}
        description={t("wizard.patternHelp")}
        value={wizard.pattern}
        onChange={(event) => onChange({ pattern: event.currentTarget.value })}
      />
      <Select
        label={t("device.scanClass")}
        data={config.scanClasses.map((one) => ({ value: one.id, label: t("device.every", { id: one.id, interval: one.interval }) }))}
        value={wizard.scanClass}
        allowDeselect={false}
        onChange={(scanClass) => onChange({ scanClass: scanClass ?? wizard.scanClass })}
      />
      <Stack gap={4}>
        <Text size="sm">{t("wizard.willBe")}</Text>
        <List size="sm" data-testid="will-be">
          {devices.slice(0, shown).map((one) => (
            <List.Item key={one.id}>
              {one.name}{" "}
              <Text component="span" c="dimmed" className="mono" size="sm">
                {one.id}
              </Text>
            </List.Item>
          ))}
        </List>
        {devices.length > shown ? (
          <Text size="sm" c="dimmed">
            {t("wizard.more", { count: devices.length - shown })}
          </Text>
        ) : null}
      </Stack>
    </Stack>
  );
}
