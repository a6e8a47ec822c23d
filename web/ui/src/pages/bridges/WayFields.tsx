import { Accordion, Group, PasswordInput, Stack, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useTranslation } from "react-i18next";

import { PEMInput } from "../../components/PEMInput";
import { CertificateContents } from "./CertificateContents";
import { type Values, isSecure } from "./values";

interface Props {
  form: UseFormReturnType<Values>;
}

/** WayFields say how the broker is reached: whom to trust, who we are, and by way of which proxy. */
export function WayFields({ form }: Props) {
  const { t } = useTranslation();
  const pem = (name: "ca" | "certificate" | "key") => ({
    ...form.getInputProps(`tls.${name}`),
    onText: (text: string) => form.setFieldValue(`tls.${name}`, text),
  });
  return (
    <Accordion variant="separated" multiple order={3}>
      {isSecure(form.values.url) && (
        <Accordion.Item value="tls">
          <Accordion.Control>{t("bridge.tls")}</Accordion.Control>
          <Accordion.Panel>
            <Stack gap="sm">
              <PEMInput label={t("bridge.ca")} description={t("bridge.caHelp")} {...pem("ca")} />
              <PEMInput label={t("bridge.certificate")} description={t("bridge.certificateHelp")} {...pem("certificate")} />
              <PEMInput label={t("bridge.key")} {...pem("key")} />
              <CertificateContents certificate={form.values.tls.certificate} secret={form.values.tls.key} />
              <Group grow align="flex-end">
                <TextInput label={t("bridge.serverName")} placeholder={t("bridge.serverNameAuto")} {...form.getInputProps("tls.serverName")} />
                <TextInput label={t("bridge.alpn")} placeholder="x-amzn-mqtt-ca" {...form.getInputProps("tls.alpn")} />
              </Group>
            </Stack>
          </Accordion.Panel>
        </Accordion.Item>
      )}
      <Accordion.Item value="proxy">
        <Accordion.Control>{t("bridge.proxy")}</Accordion.Control>
        <Accordion.Panel>
          <Stack gap="sm">
            <TextInput label={t("bridge.proxyURL")} description={t("bridge.proxyHelp")} inputMode="url" {...form.getInputProps("proxy.url")} />
            <Group grow align="flex-start">
              <TextInput label={t("bridge.username")} {...form.getInputProps("proxy.username")} />
              <PasswordInput label={t("bridge.password")} autoComplete="new-password" {...form.getInputProps("proxy.password")} />
            </Group>
          </Stack>
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}
