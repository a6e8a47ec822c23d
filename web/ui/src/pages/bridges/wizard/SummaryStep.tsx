import { Group, Switch, Text, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useTranslation } from "react-i18next";

import type { BridgePreset } from "../../../api/model";
import styles from "../../../components/CertificateFacts.module.css";
import { identityOf, isSecure, isWaiting, type Values } from "../values";

interface Props {
  form: UseFormReturnType<Values>;
  preset: BridgePreset | undefined;
  /** It is there already, with its id, because its key was made on the device. */
  isSaved: boolean;
}

/** SummaryStep says what will run, and asks for its name. */
export function SummaryStep({ form, preset, isSaved }: Props) {
  const { t } = useTranslation();
  const { values } = form;
  const waits = isWaiting(values.tls) && identityOf(values) === undefined;
  const { hours, gigabytes } = values.storage;
  const time = hours === "" ? t("bridge.brokersLimit") : t("bridge.fact.hours", { count: hours });
  const size = gigabytes === "" ? t("bridge.halfDisk") : t("bridge.fact.gigabytes", { size: gigabytes });
  const facts = [
    [t("bridge.preset"), preset?.name ?? t("bridge.anyBroker")],
    [t("bridge.url"), values.url],
    [t("bridge.fact.login"), loginOf(values, t("bridge.fact.certificate"), t("bridge.fact.nobody"))],
    [t("bridge.fact.encryption"), t(isSecure(values.url) ? "bridge.fact.tls" : "bridge.fact.plain")],
    ...values.routes.map((route) => [t(`bridge.fact.${route.direction}`), `${route.filter}${route.prefix ? ` → ${route.prefix}` : ""} · ${t("bridge.qosFact", { qos: route.qos })}`]),
    [t("bridge.outage"), `${time} · ${size}`],
  ];
  return (
    <>
      <Group grow align="flex-start">
        <TextInput label={t("form.name")} required {...form.getInputProps("name")} />
        <TextInput label={t("form.id")} classNames={{ input: "mono" }} required readOnly={isSaved} variant={isSaved ? "filled" : "default"} {...form.getInputProps("id")} />
      </Group>
      <dl className={styles.facts}>
        {facts.map(([name, text]) => (
          <div key={`${name} ${text}`} className={styles.fact}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      {waits ? <Text size="sm">{t("bridge.requested")}</Text> : <Switch label={t("form.enabled")} {...form.getInputProps("enabled", { type: "checkbox" })} />}
    </>
  );
}

function loginOf(values: Values, certificate: string, nobody: string): string {
  const hasCertificate = isSecure(values.url) && (identityOf(values) !== undefined || values.tls.newKey !== "");
  return [values.username, hasCertificate ? certificate : ""].filter(Boolean).join(" + ") || nobody;
}
