import { Group, PasswordInput, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useTranslation } from "react-i18next";

import type { BridgePreset } from "../../../api/model";
import { completed } from "../../../lib/brokerURL";
import type { Saved } from "../CertificateFields";
import { Rules } from "../Rules";
import { type Values } from "../values";
import { WayFields } from "../WayFields";
import { templateOf } from "./begin";

interface Props {
  form: UseFormReturnType<Values>;
  /** The name of the gateway. */
  gateway: string;
  preset: BridgePreset | undefined;
  onPrepare: () => Promise<Saved | undefined>;
  onRequested: (saved: Saved) => void;
}

/** AddressStep asks where the broker is, and who we are there. */
export function AddressStep({ form, gateway, preset, onPrepare, onRequested }: Props) {
  const { t } = useTranslation();
  const template = templateOf(preset);
  const url = form.getInputProps("url");
  return (
    <>
      <TextInput
        label={t("bridge.url")}
        description={t("bridge.urlPart", { template })}
        placeholder={template}
        inputMode="url"
        autoCapitalize="none"
        autoCorrect="off"
        required
        data-autofocus
        autoFocus
        {...url}
        onBlur={() => form.setFieldValue("url", completed(form.values.url, template))}
      />
      <Group grow align="flex-start">
        <TextInput label={t("bridge.username")} autoCapitalize="none" {...form.getInputProps("username")} />
        <PasswordInput label={t("bridge.password")} autoComplete="new-password" {...form.getInputProps("password")} />
      </Group>
      <TextInput label={t("bridge.clientId")} placeholder={`tidegate-${gateway}-${form.values.id}`} autoCapitalize="none" {...form.getInputProps("clientId")} />
      <WayFields form={form} opened url={completed(form.values.url, template) || template} onPrepare={onPrepare} onRequested={onRequested} />
      {preset ? <Rules preset={preset} /> : null}
    </>
  );
}
