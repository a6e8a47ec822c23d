import { PasswordInput, Select, Switch, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Person } from "../../../api/model";
import { asProblem } from "../../../api/problem";
import { useSaveUser } from "../../../api/users";
import { FormDrawer } from "../../../components/FormDrawer";
import { ProblemAlert } from "../../../components/ProblemAlert";
import { fieldErrors } from "../../../lib/fields";
import { rightsFields, rightsOf, rightsValues } from "../mqtt/rights";
import { RightsFields } from "../mqtt/RightsFields";

const roles = ["viewer", "operator", "administrator"] as const;

interface Props {
  /** Undefined for somebody new. */
  person: Person | undefined;
  onClose: () => void;
}

export function PersonDrawer({ person, onClose }: Props) {
  const { t } = useTranslation();
  const save = useSaveUser();
  const [rest, setRest] = useState<string[]>();
  const isNew = person === undefined;
  const form = useForm({
    initialValues: {
      name: person?.name ?? "",
      role: person?.role ?? ("viewer" as Person["role"]),
      enabled: !person?.disabled,
      password: "",
      mqtt: person?.mqtt !== undefined,
      ...rightsValues(person?.mqtt),
    },
    validate: {
      name: (name) => (name.trim() === "" ? t("form.needed") : null),
      password: (password) => (isNew && password === "" ? t("form.needed") : null),
    },
  });
  const { values } = form;
  const submit = form.onSubmit(({ name, role, enabled, password, mqtt, ...rights }) =>
    save.mutate(
      {
        isNew,
        user: { name: name.trim(), role, disabled: !enabled, ...(mqtt ? { mqtt: rightsOf(rights) } : {}) },
        password,
      },
      {
        onSuccess: () => {
          notifications.show({ message: t("user.saved", { name }) });
          onClose();
        },
        onError: (error) => {
          const problem = asProblem(error);
          const found = fieldErrors(problem.fields, { "user.name": "name", "user.role": "role", password: "password", ...rightsFields(rights) });
          form.setErrors(found.errors);
          setRest(problem.fields.length > 0 ? found.rest : undefined);
        },
      },
    ),
  );
  return (
    <FormDrawer
      opened
      title={isNew ? t("user.addTitle") : t("user.editTitle", { name: person.name })}
      saving={save.isPending}
      onClose={onClose}
      onSubmit={submit}
      problem={save.error && rest?.length !== 0 ? <ProblemAlert problem={asProblem(save.error)} rest={rest} /> : null}
    >
      <TextInput label={t("login.name")} required readOnly={!isNew} variant={isNew ? "default" : "filled"} {...(isNew ? { "data-autofocus": true } : {})} {...form.getInputProps("name")} />
      <Select label={t("user.role")} description={t(`user.${values.role}` as "user.viewer")} data={roles.map((role) => ({ value: role, label: t(`role.${role}`) }))} {...form.getInputProps("role")} />
      <PasswordInput
        label={isNew ? t("login.password") : t("user.newPassword")}
        description={isNew ? t("setup.passwordHelp") : t("user.keepPassword")}
        autoComplete="new-password"
        required={isNew}
        {...form.getInputProps("password")}
      />
      <Switch label={t("user.mqtt")} description={t("user.mqttHelp")} {...form.getInputProps("mqtt", { type: "checkbox" })} />
      {values.mqtt ? <RightsFields form={form} /> : null}
      <Switch label={t("user.enabled")} description={t("user.enabledHelp")} {...form.getInputProps("enabled", { type: "checkbox" })} />
    </FormDrawer>
  );
}
