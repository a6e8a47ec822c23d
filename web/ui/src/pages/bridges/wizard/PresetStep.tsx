import { Stack, Text, UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { BridgePreset } from "../../../api/model";
import { IconOpen } from "../../../components/icons";
import { isTemplate } from "../../../lib/brokerURL";
import { templateOf } from "./begin";
import styles from "./PresetStep.module.css";

interface Props {
  chosen: string;
  presets: readonly BridgePreset[];
  onChoose: (id: string) => void;
}

/** PresetStep asks what kind of broker it is; the answer leads on. */
export function PresetStep({ chosen, presets, onChoose }: Props) {
  const { t } = useTranslation();
  const choices = [{ id: "", name: t("bridge.anyBroker"), url: templateOf(undefined) }, ...presets.map((preset) => ({ ...preset, url: templateOf(preset) }))];
  return (
    <Stack gap="sm">
      <Text size="sm">{t("bridge.presetHelp")}</Text>
      <ul className={styles.list}>
        {choices.map(({ id, name, url }) => (
          <li key={id}>
            <UnstyledButton className={styles.choice} aria-pressed={id === chosen} onClick={() => onChoose(id)}>
              <span className={styles.name}>
                <Text component="span" fw={600}>
                  {name}
                </Text>
                <Text component="span" size="sm" c="dimmed" className="mono">
                  {isTemplate(url) ? url.replace(/YOUR-[A-Z-]+/, "…") : url}
                </Text>
              </span>
              <IconOpen size={18} />
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </Stack>
  );
}
