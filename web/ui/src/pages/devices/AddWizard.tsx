import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Config } from "../../api/model";
import { asProblem } from "../../api/problem";
import { useAddDevices, useProfiles } from "../../api/profiles";
import { ProblemAlert } from "../../components/ProblemAlert";
import { WizardDrawer } from "../../components/WizardDrawer";
import { usesNetwork } from "../../lib/address";
import { unitsOf } from "./batch";
import { connectionOf, type DeviceValues, valuesOf } from "./deviceForm";
import { NameStep } from "./NameStep";
import { ProfileStep } from "./ProfileStep";
import { Units } from "./Units";
import { WireStep } from "./WireStep";
import { batchOf, empty, exploring, patternOf, type Wizard } from "./wizard";

const steps = ["wire", "what", "names"] as const;

/** AddWizard goes from a wire to running devices: who is there, what they are, what they are called. Nothing is saved before its end. */
export function AddWizard({ config, onClose }: { config: Config; onClose: () => void }) {
  const { t } = useTranslation();
  // What is added belongs to the revision that it was made from.
  const [made] = useState(config);
  const [step, setStep] = useState(0);
  const navigate = useNavigate();
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
  /** wire is the connection as it is entered; undefined, with what is missing said at the fields, while that is not enough. */
  const wire = () => (form.validate().hasErrors ? undefined : connectionOf(made, form.getValues()));
  const next = () => {
    if (step === 0) {
      const entered = wire();
      if (!entered) {
        return;
      }
      patch(entered);
    }
    if (step === 1) {
      patch({ pattern: patternOf(wizard, list, t("profile.device")) });
    }
    setStep(step + 1);
  };
  const canExplore = wizard.choice === empty && form.values.protocol !== "line";
  const save = () => {
    const batch = batchOf(made, wizard);
    add.mutate(batch, {
      onSuccess: () => {
        notifications.show({ message: t("wizard.added", { count: batch.devices.length }) });
        const [first] = batch.devices;
        if (first && canExplore) {
          // Without points yet: the registers show what they could be.
          void navigate({ to: "/points", search: { device: first.id, edit: exploring } as never });
        } else {
          onClose();
        }
      },
    });
  };
  const current = steps[step] ?? "wire";
  const last = step === steps.length - 1;
  return (
    <WizardDrawer
      title={t("wizard.title")}
      steps={steps.map((name) => t(`wizard.${name}`))}
      step={step}
      submit={t("wizard.add", { count: units?.length ?? 0 })}
      saving={add.isPending}
      stuck={units === undefined}
      problem={add.error ? <ProblemAlert problem={asProblem(add.error)} /> : null}
      onClose={onClose}
      onBack={() => setStep(step - 1)}
      onNext={last ? save : next}
    >
      {current === "wire" ? <WireStep config={made} form={form} profiles={list} onUnit={(unit) => patch({ units: String(unit) })} /> : null}
      {current === "wire" && form.values.protocol !== "line" ? <Units wizard={wizard} connection={() => wire()?.connection} onChange={patch} /> : null}
      {current === "what" ? <ProfileStep wizard={wizard} unit={units?.[0] ?? 1} profiles={list} onChange={patch} /> : null}
      {current === "names" ? <NameStep config={made} wizard={wizard} onChange={patch} /> : null}
    </WizardDrawer>
  );
}
