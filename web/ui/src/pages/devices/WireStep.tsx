import { Alert, Button, Group, Select, Stack, Text } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useTranslation } from "react-i18next";

import { useDetectLine } from "../../api/explore";
import type { Config, ProfileSummary } from "../../api/model";
import { asProblem } from "../../api/problem";
import { IconSearch } from "../../components/icons";
import { ProblemAlert } from "../../components/ProblemAlert";
import { placeOf, usesNetwork } from "../../lib/address";
import { connectionOf, type DeviceValues, newWire, valuesOf } from "./deviceForm";
import { HabitFields } from "./HabitFields";
import { WireFields } from "./WireFields";
import { presetsOf, settingsOf } from "./wizard";

interface Props {
  config: Config;
  form: UseFormReturnType<DeviceValues>;
  profiles: readonly ProfileSummary[];
  /** A search of the settings has found this unit. */
  onUnit: (unit: number) => void;
}

/** WireStep asks for the wire: one that is there, or a new one, whose settings can be found by trying. */
export function WireStep({ config, form, profiles, onUnit }: Props) {
  const { t } = useTranslation();
  const { values } = form;
  const wires = [
    { value: newWire, label: t("device.newWire") },
    ...config.connections.map((one) => ({ value: one.id, label: `${one.name || one.id} · ${placeOf(one.url)}` })),
  ];
  const choose = (wire: string | null) => {
    const known = config.devices.find((one) => one.connection === wire);
    form.setValues({ ...valuesOf(config, known), wire: wire ?? newWire, scanClass: values.scanClass });
  };
  return (
    <Stack gap="md">
      {wires.length > 1 ? <Select label={t("device.wire")} data={wires} value={values.wire} onChange={choose} allowDeselect={false} /> : null}
      {values.wire === newWire ? <WireFields form={form} /> : null}
      {values.wire === newWire && !usesNetwork(values) ? (
        <>
          <Presets form={form} profiles={profiles} />
          {values.protocol === "line" ? null : <Detect config={config} form={form} onUnit={onUnit} />}
        </>
      ) : null}
      {values.wire === newWire ? <HabitFields form={form} wireOnly /> : null}
    </Stack>
  );
}

function Presets({ form, profiles }: Pick<Props, "form" | "profiles">) {
  const { t } = useTranslation();
  return (
    <Group gap="xs">
      <Text size="sm" c="dimmed">
        {t("wizard.presets")}
      </Text>
      {presetsOf(profiles).map(({ label, settings }) => (
        <Button key={label} size="compact-sm" variant="default" aria-label={t("wizard.preset", { label })} onClick={() => form.setValues({ ...settings, data: 8 })}>
          {label}
        </Button>
      ))}
    </Group>
  );
}

function Detect({ config, form, onUnit }: Pick<Props, "config" | "form" | "onUnit">) {
  const { t } = useTranslation();
  const detect = useDetectLine();
  const run = () => {
    if (form.validate().hasErrors) {
      return;
    }
    detect.mutate(connectionOf(config, form.values).connection, {
      onSuccess: ([first]) => {
        if (first) {
          form.setValues(settingsOf(first.url));
          onUnit(first.unit);
        }
      },
    });
  };
  const first = detect.data?.[0];
  return (
    <Stack gap="xs" align="flex-start" aria-live="polite">
      <Button variant="default" leftSection={<IconSearch size={18} />} loading={detect.isPending} onClick={run}>
        {t("wizard.detect")}
      </Button>
      {detect.isPending ? <Text size="sm">{t("wizard.detecting")}</Text> : null}
      {first ? <Alert color="green">{t("wizard.detected", { unit: first.unit, answer: first.answer })}</Alert> : null}
      {detect.data?.length === 0 ? <Alert color="yellow">{t("wizard.notDetected")}</Alert> : null}
      {detect.error ? <ProblemAlert problem={asProblem(detect.error)} /> : null}
    </Stack>
  );
}
