import { Button, Stack } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useCertificates, useRemoveCertificate } from "../../../api/certificates";
import { useConfig } from "../../../api/config";
import { ConfirmDelete } from "../../../components/ConfirmDelete";
import { IconAdd } from "../../../components/icons";
import { PageHeader } from "../../../components/PageHeader";
import { Failed, LoadingList } from "../../../components/states";
import { useParam } from "../../../lib/useParam";
import { CertificateDrawer } from "./CertificateDrawer";
import { CertificateList } from "./CertificateList";
import { TrustCard } from "./TrustCard";

const isNew = "+";

export function CertificatesPage() {
  const { t } = useTranslation();
  const certificates = useCertificates();
  const config = useConfig();
  const remove = useRemoveCertificate();
  const [edit, setEdit] = useParam("edit");
  const [doomed, setDoomed] = useState<string>();
  const edited = certificates.data?.find(({ kind, id }) => kind === "uploaded" && id === edit);
  const ca = certificates.data?.find(({ kind }) => kind === "ca");
  const add = (
    <Button leftSection={<IconAdd size={18} />} onClick={() => setEdit(isNew)}>
      {t("certificate.add")}
    </Button>
  );
  return (
    <>
      <PageHeader title={t("settings.certificates")} text={t("certificate.text")} actions={add} />
      <Stack gap="lg">
        {certificates.isPending ? <LoadingList /> : null}
        {certificates.isError ? <Failed error={certificates.error} onRetry={() => void certificates.refetch()} /> : null}
        {certificates.data && certificates.data.length > 0 ? <CertificateList certificates={certificates.data} onEdit={setEdit} onDelete={setDoomed} /> : null}
        {ca ? <TrustCard ca={ca} /> : null}
      </Stack>
      {config.data && certificates.data && (edit === isNew || edited) ? (
        <CertificateDrawer key={edit} listeners={config.data.listeners ?? []} certificate={edited} onClose={() => setEdit("")} />
      ) : null}
      <ConfirmDelete
        name={doomed}
        consequence={t("certificate.deleteText")}
        deleting={remove.isPending}
        error={remove.error}
        onCancel={() => {
          remove.reset();
          setDoomed(undefined);
        }}
        onConfirm={() => doomed && remove.mutate(doomed, { onSuccess: () => setDoomed(undefined) })}
      />
    </>
  );
}
