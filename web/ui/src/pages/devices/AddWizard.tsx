import { Button, Drawer, Group, Stack, Text, Title } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Config } from "../../api/model";
import { asProblem } from "../../api/problem";
import { useAddDevices, useProfiles } from "../../api/profiles";
import styles from "../../components/FormDrawer.module.css";
import { ProblemAlert } from "../../components/ProblemAlert";
import { usesNetwork } from "../../lib/address";
import { unitsOf } from "./batch";
import { connectionOf, type DeviceValues, valuesOf } from "./deviceForm";
import { NameStep } from "./NameStep";
import { ProfileStep } from "./ProfileStep";
import { UnitStep } from "./UnitStep";
import { WireStep } from "./WireStep";
import { batchOf, empty, patternOf, type Wizard } from "./wizard";

const steps = ["wire", "units", "what", "names"] as const;

/** AddWizard goes from a wire to running devices: who is there, what they are, what they are called. Nothing is saved before its end. */
export function AddWizard({ config, onClose }: { config: Config; onClose: () => void }) {
  const { t } = useTranslation();
  // What is added belongs to the revision that it was made from.
  const [made] = useState(config);
  const [step, setStep] = useState(0);
  const profiles = useProfiles();
  const add = useAddDevices();
  const form = useForm<DeviceValues>({
    initialValues: valuesOf(made, undefined),
    validate: {
      host: (host, values) => (usesNetwork(values) && host.trim() === "" ? t("form.needed") : null),
      path: (path, values) => (!usesNetwork(values) && path.trim() === "" ? t("form.needed") : null),
    },
  });
  const [wizard, setWizard] = useState<Wizard>({
    connection: connectionOf(made, form.values).connection,
    changed: true,
    units: "1",
    found: [],
    identified: undefined,
    choice: empty,
    pattern: "",
    scanClass: form.values.scanClass,
  });
  const patch = (part: Partial<Wizard>) => setWizard((old) => ({ ...old, ...part }));
  const units = unitsOf(wizard.units);
  const list = profiles.data ?? [];
  const next = () => {
    if (step === 0) {
      if (form.validate().hasErrors) {
        return;
      }
      patch(connectionOf(made, form.values));
    }
    if (step === 2) {
      patch({ pattern: patternOf(wizard, list, t("profile.device")) });
    }
    setStep(step + 1);
  };
  const save = () => {
    const batch = batchOf(made, wizard);
    add.mutate(batch, {
      onSuccess: () => {
        notifications.show({ message: t("wizard.added", { count: batch.devices.length }) });
        onClose();
      },
    });
  };
  const current = steps[step] ?? "wire";
  const last = step === steps.length - 1;
  return (
    <Drawer
      opened
      onClose={onClose}
      title={t("wizard.title")}
      closeButtonProps={{ "aria-label": t("common.close"), size: "lg" }}
      classNames={{ title: styles.title, body: styles.body, content: styles.content }}
    >
      <div className={styles.form}>
        <Stack gap="md" className={styles.fields}>
          <Group justify="space-between" align="baseline">
            <Title order={3} size="h4">
              {t(`wizard.${current}`)}
            </Title>
            <Text size="sm" c="dimmed" aria-live="polite">
              {t("wizard.step", { step: step + 1, steps: steps.length })}
            </Text>
          </Group>
          {current === "wire" ? <WireStep config={made} form={form} profiles={list} onUnit={(unit) => patch({ units: String(unit) })} /> : null}
          {current === "units" ? <UnitStep wizard={wizard} onChange={patch} /> : null}
          {current === "what" ? <ProfileStep wizard={wizard} unit={units?.[0] ?? 1} profiles={list} onChange={patch} /> : null}
          {current === "names" ? <NameStep config={made} wizard={wizard} onChange={patch} /> : null}
        </Stack>
        <div className={styles.footer}>
          {add.error ? <ProblemAlert problem={asProblem(add.error)} /> : null}
          <Group justify="space-between" gap="sm">
            <Button variant="default" onClick={step === 0 ? onClose : () => setStep(step - 1)}>
              {step === 0 ? t("common.cancel") : t("wizard.back")}
            </Button>
            {last ? (
              <Button loading={add.isPending} onClick={save}>
                {t("wizard.add", { count: units?.length ?? 0 })}
              </Button>
            ) : (
              <Button disabled={step === 1 && units === undefined} onClick={next}>
                {t("wizard.next")}
              </Button>
            )}
          </Group>
        </div>
      </div>
    </Drawer>
  );
}
