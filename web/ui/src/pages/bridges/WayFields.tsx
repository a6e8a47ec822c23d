import { Accordion, Group, PasswordInput, Stack, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useTranslation } from "react-i18next";

import { CertificateFields, type Saved } from "./CertificateFields";
import { type Values, isSecure } from "./values";

interface Props {
  form: UseFormReturnType<Values>;
  /** The certificates are shown from the beginning. */
  opened?: boolean;
  /** Where the broker is, as far as it was entered; the address of the form when left out. */
  url?: string;
  onPrepare: () => Promise<Saved | undefined>;
  onRequested: (saved: Saved) => void;
}

/** WayFields say how the broker is reached: whom to trust, who we are, and by way of which proxy. */
export function WayFields({ form, opened = false, url = form.values.url, ...rest }: Props) {
  const { t } = useTranslation();
  return (
    <Accordion variant="separated" multiple order={3} defaultValue={opened ? ["tls"] : []}>
      {isSecure(url) && (
        <Accordion.Item value="tls">
          <Accordion.Control>{t("bridge.tls")}</Accordion.Control>
          <Accordion.Panel>
            <CertificateFields form={form} {...rest} />
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
