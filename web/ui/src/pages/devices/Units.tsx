import { Button, Checkbox, Group, NumberInput, Paper, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useFindUnits } from "../../api/explore";
import type { Connection, FoundUnit } from "../../api/model";
import { asProblem } from "../../api/problem";
import { IconSearch } from "../../components/icons";
import { ProblemAlert } from "../../components/ProblemAlert";
import { textOfUnits, unitsOf } from "./batch";
import type { Wizard } from "./wizard";

interface Props {
  wizard: Wizard;
  /** The wire as it is entered; undefined while that is not enough. */
  connection: () => Connection | undefined;
  onChange: (part: Partial<Wizard>) => void;
}

/** Units asks for numbers, or finds who answers. */
export function Units({ wizard, connection, onChange }: Props) {
  const { t } = useTranslation();
  const [from, setFrom] = useState<number | string>(1);
  const [to, setTo] = useState<number | string>(16);
  const search = useFindUnits();
  const units = unitsOf(wizard.units);
  const run = () => {
    const entered = connection();
    if (entered) {
      search.mutate(
        { connection: entered, from: Number(from), to: Number(to) },
        { onSuccess: (found) => onChange({ found, ...(found.length > 0 ? { units: textOfUnits(found.map((one) => one.unit)) } : {}) }) },
      );
    }
  };
  return (
    <Stack gap="md">
      <TextInput
        label={t("wizard.unitList")}
        description={t("wizard.unitsHelp")}
        inputMode="numeric"
        value={wizard.units}
        error={units === undefined ? t("wizard.badUnits") : null}
        onChange={(event) => onChange({ units: event.currentTarget.value, identified: undefined })}
      />
      <Paper p="md">
        <Group align="flex-end" wrap="nowrap">
          <NumberInput flex={1} label={t("wizard.from")} min={0} max={255} value={from} onChange={setFrom} />
          <NumberInput flex={1} label={t("wizard.to")} min={0} max={255} value={to} onChange={setTo} />
          <Button variant="default" leftSection={<IconSearch size={18} />} loading={search.isPending} disabled={from === "" || to === "" || Number(from) > Number(to)} onClick={run}>
            {t("wizard.search")}
          </Button>
        </Group>
        <Stack gap="xs" mt="sm" aria-live="polite">
          {search.isPending ? <Text size="sm">{t("wizard.searching")}</Text> : null}
          {search.data?.length === 0 ? <Text size="sm">{t("wizard.noneFound", { from, to })}</Text> : null}
          {search.error ? <ProblemAlert problem={asProblem(search.error)} /> : null}
          <Found found={wizard.found} units={units ?? []} onChange={(next) => onChange({ units: textOfUnits(next), identified: undefined })} />
        </Stack>
      </Paper>
    </Stack>
  );
}

function Found({ found, units, onChange }: { found: readonly FoundUnit[]; units: readonly number[]; onChange: (units: number[]) => void }) {
  const { t } = useTranslation();
  return found.map((one) => (
    <Checkbox
      key={one.unit}
      label={t("wizard.unitAnswer", { unit: one.unit, answer: one.identification?.join(" · ") || one.answer })}
      checked={units.includes(one.unit)}
      onChange={(event) => onChange(event.currentTarget.checked ? [...units, one.unit] : units.filter((unit) => unit !== one.unit))}
    />
  ));
}
