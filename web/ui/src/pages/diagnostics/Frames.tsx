import { Button, Group, NumberInput, Paper, Select, Stack, Switch, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useConfig } from "../../api/config";
import { frameFileUrl, useFrames } from "../../api/frames";
import { allows, useRole } from "../../api/session";
import { useGuard } from "../../api/useGuard";
import { Failed, LoadingList } from "../../components/states";
import { useParam } from "../../lib/useParam";
import { useStatus } from "../../live/live";
import { FrameList } from "./FrameList";

/** Frames are what goes over the wire of a connection, decoded. */
export function Frames() {
  const { t } = useTranslation();
  const guard = useGuard();
  if (!allows(useRole(), "operator")) {
    return (
      <Paper p="lg">
        <Stack align="flex-start">
          <Text>{t("frames.operators")}</Text>
          <Button onClick={guard("operator", () => undefined)}>{t("settings.logIn")}</Button>
        </Stack>
      </Paper>
    );
  }
  return <Chosen />;
}

function Chosen() {
  const { t } = useTranslation();
  const config = useConfig();
  const [connection, setConnection] = useParam("connection");
  const [unit, setUnit] = useParam("unit");
  const [code, setCode] = useParam("function");
  const [problems, setProblems] = useParam("problems");
  const [follow, setFollow] = useState(true);
  if (config.isPending) {
    return <LoadingList />;
  }
  if (config.isError) {
    return <Failed error={config.error} onRetry={() => void config.refetch()} />;
  }
  const connections = config.data.connections.map(({ id, name }) => ({ value: id, label: name || id }));
  return (
    <Stack gap="sm">
      <Group gap="sm" align="flex-end">
        <Select flex="1 1 200px" label={t("frames.connection")} data={connections} value={connection || null} onChange={(value) => setConnection(value ?? "")} searchable nothingFoundMessage={t("why.nothingFound")} />
        <NumberInput w={96} label={t("frames.unit")} placeholder={t("frames.all")} min={0} max={255} value={unit} onChange={(value) => setUnit(String(value))} />
        <NumberInput w={96} label={t("frames.function")} placeholder={t("frames.all")} min={1} max={127} value={code} onChange={(value) => setCode(String(value))} />
        <Switch label={t("frames.problems")} checked={problems !== ""} onChange={(event) => setProblems(event.currentTarget.checked ? "1" : "")} mb={8} />
        <Switch label={t("frames.follow")} checked={follow} onChange={(event) => setFollow(event.currentTarget.checked)} mb={8} />
        <Button variant="default" disabled={!connection} onClick={() => window.location.assign(frameFileUrl(connection))}>
          {t("frames.save")}
        </Button>
      </Group>
      <Damage connection={connection} />
      {connection ? <Followed connection={connection} unit={numberOf(unit)} code={numberOf(code)} problems={problems !== ""} follow={follow} /> : <Text c="dimmed">{t("frames.choose")}</Text>}
    </Stack>
  );
}

/** Damage says how much of what came over the wire could not be used; nothing where all could. */
function Damage({ connection }: { connection: string }) {
  const { t } = useTranslation();
  const damaged = useStatus()?.connections.find((one) => one.id === connection)?.damaged ?? 0;
  return damaged > 0 ? <Text size="sm">{t("frames.damaged", { count: damaged })}</Text> : null;
}

/** numberOf is what a field has; -1 for an empty one. */
function numberOf(field: string): number {
  const value = Number.parseInt(field, 10);
  return Number.isNaN(value) ? -1 : value;
}

interface FollowedProps {
  connection: string;
  unit: number;
  code: number;
  problems: boolean;
  follow: boolean;
}

function Followed({ connection, unit, code, problems, follow }: FollowedProps) {
  const { t } = useTranslation();
  const frames = useFrames(connection, { unit, function: code, problems }, follow);
  if (frames.isPending) {
    return <LoadingList />;
  }
  if (!frames.data) {
    return <Failed error={frames.error} onRetry={() => void frames.refetch()} />;
  }
  const { missed, overwritten } = frames.data;
  return (
    <>
      {frames.isError ? <Text c="dimmed">{t("frames.lost")}</Text> : null}
      {missed ? <Text c="dimmed">{t("frames.missed")}</Text> : null}
      {overwritten > 0 ? (
        <Text size="sm" c="dimmed">
          {t("frames.overwritten", { count: overwritten })}
        </Text>
      ) : null}
      {frames.data.frames.length > 0 ? <FrameList frames={frames.data.frames} follow={follow} /> : <Text c="dimmed">{t("frames.none")}</Text>}
    </>
  );
}
