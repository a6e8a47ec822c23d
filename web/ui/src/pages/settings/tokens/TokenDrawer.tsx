import { Select, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Scope } from "../../../api/model";
import { asProblem } from "../../../api/problem";
import { useAddToken } from "../../../api/users";
import { FormDrawer } from "../../../components/FormDrawer";
import { ProblemAlert } from "../../../components/ProblemAlert";
import { fieldErrors } from "../../../lib/fields";

export const scopes: readonly Scope[] = ["read", "operate", "administer"];
const lives = [30, 90, 365, 0] as const;

interface Props {
  onClose: () => void;
  onMade: (secret: string) => void;
}

export function TokenDrawer({ onClose, onMade }: Props) {
  const { t } = useTranslation();
  const add = useAddToken();
  const [rest, setRest] = useState<string[]>();
  const form = useForm({
    initialValues: { name: "", scope: "read" as Scope, days: "365" },
    validate: { name: (name) => (name.trim() === "" ? t("form.needed") : null) },
  });
  const submit = form.onSubmit(({ name, scope, days }) =>
    add.mutate(
      { name: name.trim(), scope, days: Number(days) },
      {
        onSuccess: ({ secret }) => {
          onClose();
          onMade(secret);
        },
        onError: (error) => {
          const problem = asProblem(error);
          const found = fieldErrors(problem.fields, { name: "name", scope: "scope", days: "days" });
          form.setErrors(found.errors);
          setRest(problem.fields.length > 0 ? found.rest : undefined);
        },
      },
    ),
  );
  return (
    <FormDrawer
      opened
      title={t("token.addTitle")}
      saving={add.isPending}
      onClose={onClose}
      onSubmit={submit}
      problem={add.error && rest?.length !== 0 ? <ProblemAlert problem={asProblem(add.error)} rest={rest} /> : null}
    >
      <TextInput label={t("form.name")} description={t("token.nameHelp")} required data-autofocus {...form.getInputProps("name")} />
      <Select label={t("token.scope")} description={t(`scopeHelp.${form.values.scope}`)} data={scopes.map((value) => ({ value, label: t(`scope.${value}`) }))} {...form.getInputProps("scope")} />
      <Select label={t("token.life")} data={lives.map((days) => ({ value: String(days), label: days === 0 ? t("token.forever") : t("token.days", { count: days }) }))} {...form.getInputProps("days")} />
    </FormDrawer>
  );
}
