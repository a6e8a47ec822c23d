import { Button, Paper, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { useCheckCertificate } from "../../api/bridges";
import { asProblem } from "../../api/problem";
import { ProblemAlert } from "../../components/ProblemAlert";
import { formatTime } from "../../lib/time";

/** What the page shows in the place of a stored key. */
const stored = "********";

/** CertificateContents says what is in the gateway's certificate, and whether the key belongs to it. */
export function CertificateContents({ certificate, secret }: { certificate: string; secret: string }) {
  const { t, i18n } = useTranslation();
  const check = useCheckCertificate();
  if (certificate === "" || secret === "" || secret === stored) {
    return null;
  }
  return (
    <Stack gap="xs" align="flex-start">
      <Button variant="default" size="xs" loading={check.isPending} onClick={() => check.mutate({ certificate, key: secret })}>
        {t("bridge.showContents")}
      </Button>
      {check.error ? <ProblemAlert problem={asProblem(check.error)} /> : null}
      {check.data ? (
        <Paper p="sm" role="status">
          <Text fw={600} style={{ overflowWrap: "anywhere" }}>
            {check.data.subject}
          </Text>
          <Text size="sm">{t("bridge.issuedBy", { issuer: check.data.issuer })}</Text>
          <Text size="sm">{t("bridge.validUntil", { time: formatTime(check.data.notAfter, i18n.language), days: check.data.daysLeft })}</Text>
          <Text size="sm">{t("bridge.keyFits", { key: check.data.key, count: check.data.chain.length })}</Text>
        </Paper>
      ) : null}
    </Stack>
  );
}
