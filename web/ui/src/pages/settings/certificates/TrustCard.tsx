import { Button, List, Paper, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { caUrl } from "../../../api/certificates";
import type { Certificate } from "../../../api/model";

const systems = ["windows", "mac", "linux", "android", "ios"] as const;

/** TrustCard tells how phones and computers come to trust the device's own authority. */
export function TrustCard({ ca }: { ca: Certificate }) {
  const { t } = useTranslation();
  return (
    <Paper p="md" component="section" aria-labelledby="trust">
      <Stack align="flex-start">
        <Title order={2} size="h4" id="trust">
          {t("trust.title")}
        </Title>
        <Text size="sm">{t("trust.text")}</Text>
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {t("certificate.fingerprint")}: <span className="mono">{ca.fingerprint}</span>
        </Text>
        <Button component="a" href={caUrl()} download variant="default">
          {t("trust.download")}
        </Button>
        <List size="sm" spacing={6}>
          {systems.map((system) => (
            <List.Item key={system}>{t(`trust.${system}`)}</List.Item>
          ))}
        </List>
      </Stack>
    </Paper>
  );
}
