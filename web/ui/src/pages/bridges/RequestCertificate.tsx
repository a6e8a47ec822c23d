import { Button, Group, Stack, Text } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useTranslation } from "react-i18next";

import { useRequestCertificate } from "../../api/bridges";
import { asProblem } from "../../api/problem";
import { IconKey } from "../../components/icons";
import { ProblemAlert } from "../../components/ProblemAlert";
import { saveAs } from "../../lib/download";
import type { Saved } from "./CertificateFields";
import { hiddenSecret, type Values } from "./values";

interface Props {
  form: UseFormReturnType<Values>;
  onPrepare: () => Promise<Saved | undefined>;
  onRequested: (saved: Saved) => void;
}

/** RequestCertificate has a key made on the device and gives the request for its certificate as a file. */
export function RequestCertificate({ form, onPrepare, onRequested }: Props) {
  const { t } = useTranslation();
  const request = useRequestCertificate();
  const waiting = form.values.tls.newKey !== "";
  const run = async () => {
    const saved = await onPrepare();
    if (saved) {
      request.mutate(saved, {
        onSuccess: (made) => {
          saveAs(new Blob([made.request], { type: "application/pkcs10" }), `${saved.id}.csr`);
          form.setFieldValue("tls.newKey", hiddenSecret);
          onRequested({ id: saved.id, revision: made.revision });
        },
      });
    }
  };
  return (
    <Stack gap={6}>
      <Group gap="sm">
        <Button variant="default" leftSection={<IconKey size={18} />} loading={request.isPending} onClick={() => void run()}>
          {t(waiting ? "bridge.requestAgain" : "bridge.request")}
        </Button>
      </Group>
      <Text size="sm" c={waiting ? undefined : "dimmed"} role="status">
        {t(waiting ? "bridge.requested" : "bridge.requestHelp")}
      </Text>
      {request.error ? <ProblemAlert problem={asProblem(request.error)} /> : null}
    </Stack>
  );
}
