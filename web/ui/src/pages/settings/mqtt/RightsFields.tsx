import { Button, Code, Group, Paper, Select, Stack, Text, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useTranslation } from "react-i18next";

import { usePresets } from "../../../api/mqttUsers";
import { IconButton } from "../../../components/IconButton";
import { IconAdd, IconDelete, IconUp } from "../../../components/icons";
import { emptyRule, inForce, ownRules, type RightsValues } from "./rights";

/** RightsFields are a preset, which shows its rules, or rules of one's own. */
export function RightsFields<T extends RightsValues>({ form }: { form: UseFormReturnType<T> }) {
  const { t } = useTranslation();
  const presets = usePresets().data ?? [];
  const { preset, rules } = form.values;
  return (
    <>
      <Select
        label={t("rights.title")}
        description={t("rights.help")}
        data={[...presets.map(({ name }) => ({ value: name, label: t(`preset.${name}` as "preset.sensor", { defaultValue: name }) })), { value: ownRules, label: t("preset.own") }]}
        {...form.getInputProps("preset")}
      />
      {preset === ownRules ? (
        <Stack gap="sm" component="fieldset" m={0} p={0} bd="none">
          <Text component="legend" size="sm" mb={4}>
            {t("rights.rulesHelp")}
          </Text>
          {rules.map((_, index) => (
            // Rules have no name of their own: their place counts.
            // oxlint-disable-next-line react/no-array-index-key
            <RuleFields key={index} form={form} index={index} />
          ))}
          <Button variant="default" leftSection={<IconAdd size={18} />} onClick={() => form.insertListItem("rules", emptyRule as never)}>
            {t("rights.add")}
          </Button>
        </Stack>
      ) : (
        <Stack gap={4}>
          {inForce({ preset }, presets).map((rule) => (
            <Text key={`${rule.action} ${rule.effect} ${rule.filter}`} size="sm">
              {t(`effect.${rule.effect}`)} · {t(`action.${rule.action}`)} <Code>{rule.filter}</Code>
            </Text>
          ))}
        </Stack>
      )}
    </>
  );
}

function RuleFields<T extends RightsValues>({ form, index }: { form: UseFormReturnType<T>; index: number }) {
  const { t } = useTranslation();
  const of = (name: string) => form.getInputProps(`rules.${index}.${name}`);
  return (
    <Paper p="sm">
      <Group align="flex-end" gap="xs">
        <Select w={110} label={t("rights.effect")} data={(["allow", "deny"] as const).map((value) => ({ value, label: t(`effect.${value}`) }))} {...of("effect")} />
        <Select w={150} label={t("rights.action")} data={(["both", "publish", "subscribe"] as const).map((value) => ({ value, label: t(`action.${value}`) }))} {...of("action")} />
        <TextInput flex="1 1 140px" label={t("rights.filter")} classNames={{ input: "mono" }} required {...of("filter")} />
        <Group gap={0} wrap="nowrap">
          {index > 0 ? (
            <IconButton label={t("rights.up", { number: index + 1 })} onClick={() => form.reorderListItem("rules", { from: index, to: index - 1 })}>
              <IconUp />
            </IconButton>
          ) : null}
          <IconButton label={t("rights.remove", { number: index + 1 })} onClick={() => form.removeListItem("rules", index)}>
            <IconDelete />
          </IconButton>
        </Group>
      </Group>
    </Paper>
  );
}
