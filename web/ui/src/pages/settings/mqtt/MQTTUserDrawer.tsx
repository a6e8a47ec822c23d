import { Checkbox, PasswordInput, Switch, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { MQTTUser } from "../../../api/model";
import { useSaveMQTTUser } from "../../../api/mqttUsers";
import { asProblem } from "../../../api/problem";
import { FormDrawer } from "../../../components/FormDrawer";
import { ProblemAlert } from "../../../components/ProblemAlert";
import { fieldErrors } from "../../../lib/fields";
import { rightsFields, rightsOf, rightsValues } from "./rights";
import { RightsFields } from "./RightsFields";

interface Props {
  /** Undefined for a new one. */
  user: MQTTUser | undefined;
  onClose: () => void;
  /** Gets the password that was made, to be shown once. */
  onMade: (password: string) => void;
}

export function MQTTUserDrawer({ user, onClose, onMade }: Props) {
  const { t } = useTranslation();
  const save = useSaveMQTTUser();
  const [rest, setRest] = useState<string[]>();
  const isNew = user === undefined;
  const form = useForm({
    initialValues: {
      name: user?.name ?? "",
      enabled: !user?.disabled,
      generate: isNew,
      password: "",
      ...rightsValues(user?.rights),
    },
    validate: {
      name: (name) => (name.trim() === "" ? t("form.needed") : null),
      password: (password, { generate }) => (isNew && !generate && password === "" ? t("form.needed") : null),
    },
  });
  const { values } = form;
  const submit = form.onSubmit(({ name, enabled, generate, password, ...rights }) =>
    save.mutate(
      {
        isNew,
        user: { name: name.trim(), disabled: !enabled, rights: rightsOf(rights) },
        password: generate ? "" : password,
        generate,
      },
      {
        onSuccess: (saved) => {
          notifications.show({ message: t("mqttUser.saved", { name }) });
          onClose();
          if (saved.password) {
            onMade(saved.password);
          }
        },
        onError: (error) => {
          const problem = asProblem(error);
          const found = fieldErrors(problem.fields, { "user.name": "name", password: "password", ...rightsFields(rights) });
          form.setErrors(found.errors);
          setRest(problem.fields.length > 0 ? found.rest : undefined);
        },
      },
    ),
  );
  return (
    <FormDrawer
      opened
      title={isNew ? t("mqttUser.addTitle") : t("mqttUser.editTitle", { name: user.name })}
      saving={save.isPending}
      onClose={onClose}
      onSubmit={submit}
      problem={save.error && rest?.length !== 0 ? <ProblemAlert problem={asProblem(save.error)} rest={rest} /> : null}
    >
      <TextInput label={t("login.name")} required readOnly={!isNew} variant={isNew ? "default" : "filled"} {...(isNew ? { "data-autofocus": true } : {})} {...form.getInputProps("name")} />
      <Checkbox label={t("mqttUser.generate")} description={t("mqttUser.generateHelp")} {...form.getInputProps("generate", { type: "checkbox" })} />
      {values.generate ? null : (
        <PasswordInput label={t("login.password")} description={isNew ? t("setup.passwordHelp") : t("user.keepPassword")} autoComplete="new-password" required={isNew} {...form.getInputProps("password")} />
      )}
      <RightsFields form={form} />
      <Switch label={t("form.enabled")} {...form.getInputProps("enabled", { type: "checkbox" })} />
    </FormDrawer>
  );
}
