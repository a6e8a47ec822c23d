import { Button, Group, Paper, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useTranslation } from "react-i18next";

import { useBridgeCertificates } from "../../api/bridges";
import type { Certificate } from "../../api/model";
import { asProblem } from "../../api/problem";
import { Expiry } from "../../components/Expiry";
import { PEMInput } from "../../components/PEMInput";
import { fieldErrors } from "../../lib/fields";
import { formatTime } from "../../lib/time";
import { isPKCS12, uploadOf } from "../../lib/upload";
import { RequestCertificate } from "./RequestCertificate";
import { fieldsOf, identityOf, noIdentity, type Values } from "./values";

/** Saved is a bridge that the gateway has, as it was when it was saved. */
export interface Saved {
  id: string;
  revision: number;
}

interface Props {
  form: UseFormReturnType<Values>;
  /** Saves the bridge, switched off, if it is not there yet: a key that is made here belongs to one. */
  onPrepare: () => Promise<Saved | undefined>;
  onRequested: (saved: Saved) => void;
}

/** CertificateFields say whom to trust and who we are, with what is in the files that were brought. */
export function CertificateFields({ form, onPrepare, onRequested }: Props) {
  const { t } = useTranslation();
  const { tls, identity, id } = form.values;
  const brought = identityOf(form.values);
  const check = useBridgeCertificates({ bridge: id, ca: tls.ca || undefined, chain: brought ? undefined : tls.certificate || undefined, identity: brought });
  const problem = check.error ? asProblem(check.error) : undefined;
  const found = fieldErrors(problem?.fields ?? [], { ...fieldsOf(form.values), ca: "tls.ca", chain: "identity.certificate" }).errors;
  const errorAt = (name: string) => form.errors[name] ?? found[name];
  const take = (part: Partial<Values["identity"]>) => {
    form.clearFieldError("identity.certificate");
    form.setFieldValue("identity", { ...identity, ...part });
  };
  const takeFile = (file: File) =>
    void uploadOf({ certificate: file, key: null, password: "" }).then((upload) => take({ ...noIdentity, key: isPKCS12(file) ? "" : identity.key, ...upload }));
  const forget = () => form.setValues({ tls: { ...tls, certificate: "", key: "" }, identity: noIdentity });
  return (
    <Stack gap="sm">
      <PEMInput label={t("bridge.ca")} description={t("bridge.caHelp")} value={tls.ca} error={errorAt("tls.ca")} onText={(text) => form.setFieldValue("tls.ca", text)} />
      {check.data?.authorities.map((one) => (
        <Contents key={one.fingerprint} certificate={one} />
      ))}
      <PEMInput
        label={t("bridge.certificate")}
        description={t("bridge.certificateHelp")}
        accept=".pem,.crt,.cer,.p12,.pfx"
        value={identity.certificate}
        error={errorAt("identity.certificate")}
        onText={(certificate) => take({ ...noIdentity, key: identity.key, certificate })}
        onFile={takeFile}
      />
      {identity.pkcs12 === "" ? null : <PasswordInput label={t("certificate.password")} autoComplete="off" {...form.getInputProps("identity.password")} error={errorAt("identity.password")} />}
      {identity.certificate === "" || tls.newKey !== "" ? null : (
        <PEMInput label={t("bridge.key")} accept=".pem,.key" value={identity.key} error={errorAt("identity.key")} onText={(key) => take({ key })} />
      )}
      {check.data?.own ? <Contents certificate={check.data.own} /> : null}
      {tls.certificate === "" || brought ? null : (
        <Group justify="flex-end">
          <Button variant="subtle" color="gray" size="compact-sm" onClick={forget}>
            {t("bridge.forgetCertificate")}
          </Button>
        </Group>
      )}
      <RequestCertificate form={form} onPrepare={onPrepare} onRequested={onRequested} />
      <Group grow align="flex-end">
        <TextInput label={t("bridge.serverName")} placeholder={t("bridge.serverNameAuto")} {...form.getInputProps("tls.serverName")} />
        <TextInput label={t("bridge.alpn")} placeholder="x-amzn-mqtt-ca" {...form.getInputProps("tls.alpn")} />
      </Group>
    </Stack>
  );
}

function Contents({ certificate }: { certificate: Certificate }) {
  const { t, i18n } = useTranslation();
  const { subject, issuer, notBefore, notAfter, key, chain } = certificate;
  return (
    <Paper p="sm" role="status" style={{ overflowWrap: "anywhere" }}>
      <Group justify="space-between" gap="xs">
        <Text fw={600}>{subject}</Text>
        <Expiry certificate={certificate} />
      </Group>
      <Text size="sm">{t("certificate.issuedBy", { issuer })}</Text>
      <Text size="sm">{t("bridge.validFromTo", { from: formatTime(notBefore, i18n.language), to: formatTime(notAfter, i18n.language) })}</Text>
      <Text size="sm" c="dimmed">
        {[key, ...chain].join(" · ")}
      </Text>
    </Paper>
  );
}
