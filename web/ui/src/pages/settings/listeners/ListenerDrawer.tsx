import { Select, Switch, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useSaveListener } from "../../../api/listeners";
import type { Config, Listener } from "../../../api/model";
import { asProblem } from "../../../api/problem";
import { FormDrawer } from "../../../components/FormDrawer";
import { ProblemAlert } from "../../../components/ProblemAlert";
import { fieldErrors } from "../../../lib/fields";
import { isID } from "../../../lib/slug";
import { AdmissionFields } from "./AdmissionFields";
import { ProxyFields } from "./ProxyFields";
import { addressFor, fields, isExposed, kinds, listenerOf, valuesOf, type Values } from "./values";

interface Props {
  config: Config;
  /** Undefined for a new one. */
  listener: Listener | undefined;
  onClose: () => void;
}

export function ListenerDrawer({ config, listener, onClose }: Props) {
  const { t } = useTranslation();
  const save = useSaveListener();
  const [{ revision }] = useState(config);
  const [rest, setRest] = useState<string[]>();
  const isNew = listener === undefined;
  const form = useForm<Values>({
    initialValues: valuesOf(listener),
    validate: {
      id: (id) => (isID(id.trim()) ? null : t("form.badID")),
      address: (address) => (address.trim() === "" ? t("form.needed") : null),
      understood: (understood, values) => (isExposed(values) && !understood ? t("listener.understoodNeeded") : null),
    },
  });
  const { values } = form;
  const submit = form.onSubmit((sent) =>
    save.mutate(
      { id: listener?.id, revision, listener: listenerOf(sent) },
      {
        onSuccess: () => {
          notifications.show({ message: t(sent.enabled ? "listener.saved" : "listener.savedOff", { name: sent.id }) });
          onClose();
        },
        onError: (error) => {
          const problem = asProblem(error);
          const found = fieldErrors(problem.fields, fields);
          form.setErrors(found.errors);
          setRest(problem.fields.length > 0 ? found.rest : undefined);
        },
      },
    ),
  );
  const socket = values.kind === "unix";
  return (
    <FormDrawer
      opened
      title={isNew ? t("listener.addTitle") : t("listener.editTitle", { name: listener.id })}
      saving={save.isPending}
      onClose={onClose}
      onSubmit={submit}
      problem={save.error && rest?.length !== 0 ? <ProblemAlert problem={asProblem(save.error)} rest={rest} /> : null}
    >
      <TextInput
        label={t("form.id")}
        description={t("listener.idHelp")}
        classNames={{ input: "mono" }}
        required
        readOnly={!isNew}
        variant={isNew ? "default" : "filled"}
        {...(isNew ? { "data-autofocus": true } : {})}
        {...form.getInputProps("id")}
      />
      <Select
        label={t("listener.kind")}
        data={kinds.map((value) => ({ value, label: t(`listener.kinds.${value}`) }))}
        allowDeselect={false}
        {...form.getInputProps("kind")}
        onChange={(chosen) => {
          const kind = kinds.find((known) => known === chosen) ?? "tls";
          form.setValues({ kind, address: addressFor(kind, values.address) });
        }}
      />
      <TextInput
        label={t(socket ? "listener.path" : "listener.address")}
        description={t(socket ? "listener.pathHelp" : "listener.addressHelp")}
        classNames={{ input: "mono" }}
        required
        {...form.getInputProps("address")}
      />
      <AdmissionFields form={form} />
      {socket ? null : <ProxyFields form={form} />}
      <Switch label={t("form.enabled")} {...form.getInputProps("enabled", { type: "checkbox" })} />
    </FormDrawer>
  );
}
