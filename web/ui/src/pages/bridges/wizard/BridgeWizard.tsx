import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useBridgePresets, useSaveBridge } from "../../../api/bridges";
import type { Config } from "../../../api/model";
import { asProblem } from "../../../api/problem";
import { ProblemAlert } from "../../../components/ProblemAlert";
import { WizardDrawer } from "../../../components/WizardDrawer";
import { completed } from "../../../lib/brokerURL";
import { fieldErrors } from "../../../lib/fields";
import { isID } from "../../../lib/slug";
import type { Saved } from "../CertificateFields";
import { OutageFields } from "../OutageFields";
import { RouteList } from "../RouteList";
import { bridgeOf, fieldsOf, identityOf, type Values, valuesOf } from "../values";
import { AddressStep } from "./AddressStep";
import { begun, templateOf } from "./begin";
import { PresetStep } from "./PresetStep";
import { SummaryStep } from "./SummaryStep";
import { TestStep } from "./TestStep";

const steps = ["kind", "address", "test", "routes", "outage", "summary"] as const;

/** BridgeWizard goes from a kind of broker to a bridge that runs. Nothing is saved before its end, unless a key is made on the device. */
export function BridgeWizard({ config, onClose }: { config: Config; onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const save = useSaveBridge();
  const presets = useBridgePresets().data ?? [];
  // What is added belongs to the revision that it was made from, or to that of the key.
  const [made] = useState(config);
  const [saved, setSaved] = useState<Saved>();
  const [step, setStep] = useState(0);
  const form = useForm<Values>({
    initialValues: valuesOf(made, undefined),
    validate: {
      url: (url) => (/^(mqtts?|wss?):\/\/[^/]+/.test(url.trim()) ? null : t("bridge.badURL")),
      name: (name) => (name.trim() === "" ? t("form.needed") : null),
      id: (id) => (isID(id) ? null : t("form.badID")),
    },
  });
  const { values } = form;
  const current = steps[step] ?? "kind";
  const preset = presets.find(({ id }) => id === values.preset);
  const order = () => ({ revision: saved?.revision ?? made.revision, bridge: bridgeOf(form.getValues(), undefined), identity: identityOf(form.getValues()) });

  const choose = (id: string) => {
    form.setValues(begun(made, values, id, presets));
    setStep(1);
  };
  const addressDone = () => {
    form.setFieldValue("url", completed(form.getValues().url, templateOf(preset)));
    return !form.validateField("url").hasError;
  };
  const finish = () => {
    if (form.validate().hasErrors) {
      return;
    }
    save.mutate(
      { id: saved?.id, ...order() },
      {
        onSuccess: ({ bridge }) => {
          notifications.show({ message: t("bridge.saved", { name: bridge.name }) });
          void navigate({ to: "/bridges/$bridge", params: { bridge: bridge.id } as never });
        },
        onError: (error) => form.setErrors(fieldErrors(asProblem(error).fields, fieldsOf(form.getValues())).errors),
      },
    );
  };
  const next = () => {
    if (current === "address" && !addressDone()) {
      return;
    }
    if (current === "kind") {
      choose(values.preset);
    } else if (step === steps.length - 1) {
      finish();
    } else {
      setStep(step + 1);
    }
  };
  /** A key that is made on the device belongs to a bridge that is there; it is off until its certificate comes. */
  const prepare = async (): Promise<Saved | undefined> => {
    if (saved) {
      return saved;
    }
    if (!addressDone()) {
      return undefined;
    }
    try {
      const { revision, bridge } = await save.mutateAsync({ revision: made.revision, bridge: { ...bridgeOf(form.getValues(), undefined), disabled: true } });
      const now = { id: bridge.id, revision };
      setSaved(now);
      return now;
    } catch (error) {
      form.setErrors(fieldErrors(asProblem(error).fields, fieldsOf(form.getValues())).errors);
      return undefined;
    }
  };
  return (
    <WizardDrawer
      title={t("bridge.addTitle")}
      steps={steps.map((name) => t(`bridge.wizard.${name}`))}
      step={step}
      submit={t("bridge.add")}
      saving={save.isPending}
      problem={save.error ? <ProblemAlert problem={asProblem(save.error)} /> : null}
      onClose={onClose}
      onBack={() => setStep(step - 1)}
      onNext={next}
    >
      {current === "kind" ? <PresetStep chosen={values.preset} presets={presets} onChoose={choose} /> : null}
      {current === "address" ? <AddressStep form={form} gateway={made.name} preset={preset} onPrepare={prepare} onRequested={setSaved} /> : null}
      {current === "test" ? <TestStep form={form} order={order} /> : null}
      {current === "routes" ? <RouteList form={form} /> : null}
      {current === "outage" ? <OutageFields form={form} backlog={undefined} /> : null}
      {current === "summary" ? <SummaryStep form={form} preset={preset} isSaved={saved !== undefined} /> : null}
    </WizardDrawer>
  );
}
