import { Autocomplete, Switch, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { Column } from "./columns";

interface Props {
  column: Column;
  text: string;
  choices: readonly string[] | undefined;
  problem?: string;
  disabled?: boolean;
  onText: (text: string) => void;
}

/** CellInput is a cell as a field of a form. */
export function CellInput({ column, text, choices, problem, disabled, onText }: Props) {
  const { t } = useTranslation();
  const label = t(`grid.column.${column.id}`);
  if (column.kind === "flag") {
    return <Switch label={label} checked={text !== ""} error={problem} disabled={disabled} onChange={(event) => onText(event.currentTarget.checked ? "yes" : "")} />;
  }
  const inputMode = column.kind === "number" ? "decimal" : undefined;
  return choices ? (
    <Autocomplete label={label} data={choices.filter(Boolean)} value={text} error={problem} disabled={disabled} onChange={onText} />
  ) : (
    <TextInput label={label} value={text} error={problem} disabled={disabled} inputMode={inputMode} onChange={(event) => onText(event.currentTarget.value)} />
  );
}
