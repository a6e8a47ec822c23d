import { Alert, Checkbox, Select, Stack, Switch, Text } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useTranslation } from "react-i18next";

import { IconWarn } from "../../../components/icons";
import { PEMInput } from "../../../components/PEMInput";
import { certificateUses, isExposed, isSecure, type Values } from "./values";

interface Props {
  form: UseFormReturnType<Values>;
}

/** AdmissionFields say who gets in, and warn where others could read along. */
export function AdmissionFields({ form }: Props) {
  const { t } = useTranslation();
  return (
    <>
      {isExposed(form.values) ? (
        <Alert color="yellow" variant="light" icon={<IconWarn />} title={t("listener.exposedTitle")}>
          <Stack gap="sm">
            <Text size="sm">{t("listener.exposedText")}</Text>
            <Checkbox label={t("listener.understood")} {...form.getInputProps("understood", { type: "checkbox" })} />
          </Stack>
        </Alert>
      ) : null}
      <Switch label={t("listener.anonymous")} description={t("listener.anonymousHelp")} {...form.getInputProps("anonymous", { type: "checkbox" })} />
      {isSecure(form.values.kind) ? <CertificateFields form={form} /> : null}
    </>
  );
}

function CertificateFields({ form }: Props) {
  const { t } = useTranslation();
  return (
    <>
      <Select
        label={t("listener.certificates")}
        data={certificateUses.map((value) => ({ value, label: t(`listener.certificateUses.${value}`) }))}
        allowDeselect={false}
        {...form.getInputProps("certificates")}
      />
      {form.values.certificates === "none" ? null : (
        <>
          <PEMInput label={t("listener.ca")} description={t("listener.caHelp")} value={form.values.ca} error={form.errors.ca} onText={(text) => form.setFieldValue("ca", text)} />
          <Switch
            label={t("listener.certificateUser")}
            description={t("listener.certificateUserHelp")}
            {...form.getInputProps("certificateUser", { type: "checkbox" })}
          />
        </>
      )}
    </>
  );
}
