import { useTranslation } from "react-i18next";

import type { Certificate } from "../api/model";
import { formatTime } from "../lib/time";
import styles from "./CertificateFacts.module.css";

/** CertificateFacts are what a certificate says about itself. */
export function CertificateFacts({ certificate: { subject, issuer, names, chain, notBefore, notAfter, key, fingerprint } }: { certificate: Certificate }) {
  const { t, i18n } = useTranslation();
  const facts = [
    [t("certificate.subject"), subject],
    [t("certificate.names"), names.join(", ")],
    [t("certificate.issuer"), issuer],
    [t("certificate.chain"), chain.join(" → ")],
    [t("certificate.notBefore"), formatTime(notBefore, i18n.language)],
    [t("certificate.notAfter"), formatTime(notAfter, i18n.language)],
    [t("certificate.key"), key],
    [t("certificate.fingerprint"), fingerprint],
  ];
  return (
    <dl className={styles.facts}>
      {facts
        .filter(([, text]) => text !== "")
        .map(([name, text]) => (
          <div key={name} className={styles.fact}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
    </dl>
  );
}
