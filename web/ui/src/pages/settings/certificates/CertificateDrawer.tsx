import { MultiSelect, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useCheckCertificate, useSaveCertificate } from "../../../api/certificates";
import type { Certificate, Listener } from "../../../api/model";
import { asProblem } from "../../../api/problem";
import { CertificateFacts } from "../../../components/CertificateFacts";
import { FileDrop } from "../../../components/FileDrop";
import { FormDrawer } from "../../../components/FormDrawer";
import { ProblemAlert } from "../../../components/ProblemAlert";
import { fieldErrors } from "../../../lib/fields";
import { isID } from "../../../lib/slug";
import { type Files, isPKCS12, uploadOf } from "../../../lib/upload";
import { isSecure } from "../listeners/values";

interface Props {
  listeners: readonly Listener[];
  /** Undefined for a new one. */
  certificate: Certificate | undefined;
  onClose: () => void;
}

const fields = { id: "id", certificate: "certificate", pkcs12: "certificate", key: "key", password: "password", listeners: "listeners" };

/** CertificateDrawer shows what is in the files before they are taken. */
export function CertificateDrawer({ listeners, certificate, onClose }: Props) {
  const { t } = useTranslation();
  const check = useCheckCertificate();
  const save = useSaveCertificate();
  const [rest, setRest] = useState<string[]>();
  const isNew = certificate === undefined;
  const form = useForm({
    initialValues: { id: certificate?.id ?? "", certificate: null as File | null, key: null as File | null, password: "", listeners: certificate?.listeners ?? [] },
    validate: {
      id: (id) => (isID(id.trim()) ? null : t("form.badID")),
      certificate: (file) => (isNew && file === null ? t("form.needed") : null),
    },
  });
  const { values } = form;
  const onError = (error: unknown) => {
    const problem = asProblem(error);
    const found = fieldErrors(problem.fields, fields);
    form.setErrors(found.errors);
    setRest(problem.fields.length > 0 ? found.rest : undefined);
  };
  const look = (files: Files) => {
    form.clearErrors();
    save.reset();
    void uploadOf(files).then((upload) => check.mutate(upload, { onError }));
  };
  const choose = (name: "certificate" | "key") => (file: File) => {
    form.setFieldValue(name, file);
    look({ ...values, [name]: file });
  };
  const submit = form.onSubmit((sent) => {
    const id = sent.id.trim();
    void uploadOf(sent).then((upload) =>
      save.mutate(
        { isNew, id, listeners: sent.listeners, ...upload },
        {
          onSuccess: () => {
            notifications.show({ message: t("certificate.saved", { name: id }) });
            onClose();
          },
          onError,
        },
      ),
    );
  });
  const error = save.error ?? check.error;
  const secret = isPKCS12(values.certificate);
  return (
    <FormDrawer
      opened
      title={isNew ? t("certificate.addTitle") : t("certificate.editTitle", { name: values.id })}
      saving={save.isPending}
      onClose={onClose}
      onSubmit={submit}
      problem={error && rest?.length !== 0 ? <ProblemAlert problem={asProblem(error)} rest={rest} /> : null}
    >
      <TextInput label={t("form.id")} classNames={{ input: "mono" }} required readOnly={!isNew} variant={isNew ? "default" : "filled"} {...form.getInputProps("id")} />
      <FileDrop
        label={t(isNew ? "certificate.file" : "certificate.newFile")}
        accept=".pem,.crt,.cer,.p12,.pfx"
        file={values.certificate}
        error={form.errors.certificate}
        onFile={choose("certificate")}
      />
      {secret ? (
        <PasswordInput
          label={t("certificate.password")}
          autoComplete="off"
          {...form.getInputProps("password")}
          onBlur={() => look(values)}
        />
      ) : (
        <FileDrop label={t("certificate.keyFile")} accept=".pem,.key" file={values.key} error={form.errors.key} onFile={choose("key")} />
      )}
      <div role="status">
        {check.data && values.certificate ? (
          <Stack gap="xs">
            <Text fw={600} size="sm">
              {t("certificate.content")}
            </Text>
            <CertificateFacts certificate={check.data} />
          </Stack>
        ) : null}
      </div>
      <MultiSelect
        label={t("certificate.listeners")}
        description={t("certificate.listenersHelp")}
        data={[{ value: "page", label: t("certificate.page") }, ...listeners.filter(({ kind }) => isSecure(kind)).map(({ id }) => ({ value: id, label: id }))]}
        {...form.getInputProps("listeners")}
      />
    </FormDrawer>
  );
}
