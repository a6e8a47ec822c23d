import { Alert, Button, Group, Paper, Select, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { useTestDevice } from "../../api/devices";
import type { Identified, ProfileSummary } from "../../api/model";
import { asProblem } from "../../api/problem";
import { useIdentify, useProfile } from "../../api/profiles";
import { IconSearch, IconTest } from "../../components/icons";
import { ProblemAlert } from "../../components/ProblemAlert";
import { Readings } from "../../components/Readings";
import { SourceFacts } from "./SourceFacts";
import { empty, pointsOf, sunSpec, suggested, type Wizard } from "./wizard";

interface Props {
  wizard: Wizard;
  /** The unit that is asked, the first of all. */
  unit: number;
  profiles: readonly ProfileSummary[];
  onChange: (part: Partial<Wizard>) => void;
}

/** ProfileStep asks what the units are, and lets one of them be read with the answer. */
export function ProfileStep({ wizard, unit, profiles, onChange }: Props) {
  const { t } = useTranslation();
  const identify = useIdentify();
  const map = wizard.identified?.sunSpec;
  const fits = new Set(wizard.identified?.profiles.map((one) => one.id));
  const choices = [
    { value: empty, label: t("wizard.empty") },
    ...(map ? [{ value: sunSpec, label: t("wizard.sunSpec", { manufacturer: map.manufacturer, model: map.model, count: map.points.length }) }] : []),
    ...profiles.map((one) => ({ value: one.id, label: fits.has(one.id) ? `${one.name} (${t("wizard.fits")})` : one.name })),
  ];
  const ask = () =>
    identify.mutate(
      { connection: wizard.connection, unit },
      { onSuccess: (identified) => onChange({ identified, choice: suggested(identified) || wizard.choice }) },
    );
  const profile = profiles.find((one) => one.id === wizard.choice);
  return (
    <Stack gap="md">
      <Group>
        <Button variant="default" leftSection={<IconSearch size={18} />} loading={identify.isPending} onClick={ask}>
          {t("wizard.identify", { unit })}
        </Button>
      </Group>
      <div aria-live="polite">
        {identify.error ? <ProblemAlert problem={asProblem(identify.error)} /> : null}
        {wizard.identified ? <Said identified={wizard.identified} unit={unit} /> : null}
      </div>
      <Select
        label={t("wizard.choice")}
        description={t("wizard.choiceHelp")}
        data={choices}
        value={wizard.choice}
        searchable
        allowDeselect={false}
        onChange={(choice) => onChange({ choice: choice ?? empty })}
      />
      {profile ? (
        <Paper p="md">
          <Stack gap="xs">
            <SourceFacts profile={profile} />
            <Text size="sm">{t("profile.points", { count: profile.points })}</Text>
          </Stack>
        </Paper>
      ) : null}
      {wizard.choice === sunSpec && map ? (
        <Text size="sm">{t("wizard.sunSpecFacts", { models: map.models.map((one) => one.id).join(", "), address: map.address })}</Text>
      ) : null}
      {wizard.choice === empty ? <Text size="sm">{t("wizard.noPoints")}</Text> : <Try wizard={wizard} unit={unit} />}
    </Stack>
  );
}

function Said({ identified, unit }: { identified: Identified; unit: number }) {
  const { t } = useTranslation();
  const text = identified.identification.join(" · ");
  return (
    <Alert color={text ? "green" : "yellow"}>{text ? t("wizard.says", { unit, text }) : t("wizard.nothingSaid", { unit })}</Alert>
  );
}

/** Try reads one unit with the points that it would get. */
function Try({ wizard, unit }: Pick<Props, "wizard" | "unit">) {
  const { t } = useTranslation();
  const detail = useProfile(wizard.choice === sunSpec ? "" : wizard.choice);
  const test = useTestDevice();
  const points = wizard.choice === sunSpec ? pointsOf(wizard) : (detail.data?.profile.points ?? []);
  const run = () =>
    test.mutate({
      connection: wizard.connection,
      device: {
        id: "tried",
        name: "",
        connection: wizard.connection.id,
        unit,
        scanClass: wizard.scanClass,
        // A scan class that this gateway does not have is no reason not to try.
        points: points.map((one) => ({ ...one, scanClass: undefined })),
        quirks: detail.data?.profile.quirks,
      },
    });
  return (
    <Stack gap="sm">
      <Group>
        <Button variant="default" leftSection={<IconTest size={18} />} loading={test.isPending} disabled={points.length === 0} onClick={run}>
          {t("wizard.test", { unit })}
        </Button>
      </Group>
      <div aria-live="polite">
        {test.data ? <Readings readings={test.data} names={(id) => points.find((one) => one.id === id)?.name || id} /> : null}
        {test.error ? <ProblemAlert problem={asProblem(test.error)} /> : null}
      </div>
    </Stack>
  );
}
