import { Button, Code, Group, Paper, Select, Stack, Switch, Text, TextInput } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import type { LogLine } from "../../api/model";
import { allows, useRole } from "../../api/session";
import { useGuard } from "../../api/useGuard";
import { type Tone, ToneBadge } from "../../components/badges";
import { IconSearch } from "../../components/icons";
import { LoadingList } from "../../components/states";
import { Time } from "../../components/Time";
import { saveAs } from "../../lib/download";
import { useParam } from "../../lib/useParam";
import { useLogLines } from "../../live/logs";
import styles from "./diagnostics.module.css";
import { chosen, levels, type Level, textOf } from "./lines";

const tones: Readonly<Record<Level, Tone>> = { debug: "off", info: "calm", warn: "warn", error: "bad" };
/** More lines than this at once make a phone slow; the search finds the others. */
const shownLines = 500;

/** Logs are the recent lines of the log, followed until somebody stops to read. */
export function Logs() {
  const { t } = useTranslation();
  const guard = useGuard();
  if (!allows(useRole(), "operator")) {
    return (
      <Paper p="lg">
        <Stack align="flex-start">
          <Text>{t("diagnostics.operators")}</Text>
          <Button onClick={guard("operator", () => undefined)}>{t("settings.logIn")}</Button>
        </Stack>
      </Paper>
    );
  }
  return <Followed />;
}

function Followed() {
  const { t } = useTranslation();
  const [param, setLevel] = useParam("level");
  const [search, setSearch] = useParam("search");
  const [follow, setFollow] = useState(true);
  const { lines, lost } = useLogLines(follow);
  const level = levels.find((known) => known === param) ?? "info";
  const found = chosen(lines ?? [], level, search);
  return (
    <Stack gap="sm">
      <Group gap="sm" align="flex-end">
        <Select w={200} label={t("logs.level")} data={levels.map((value) => ({ value, label: t(`logs.levels.${value}`) }))} value={level} onChange={(value) => setLevel(value ?? "")} />
        <TextInput flex="1 1 180px" label={t("logs.search")} leftSection={<IconSearch size={18} />} value={search} onChange={(event) => setSearch(event.currentTarget.value)} />
        <Switch label={t("logs.follow")} checked={follow} onChange={(event) => setFollow(event.currentTarget.checked)} mb={8} />
        <Button variant="default" onClick={() => saveAs(new Blob([found.map(textOf).join("\n")], { type: "text/plain" }), "tidegate.log")}>
          {t("logs.save")}
        </Button>
      </Group>
      {lost && follow ? <Text c="dimmed">{t("logs.lost")}</Text> : null}
      {lines ? null : <LoadingList />}
      {lines && found.length === 0 ? <Text c="dimmed">{t("logs.none")}</Text> : null}
      {found.length > 0 ? <Lines lines={found.slice(-shownLines)} follow={follow} /> : null}
    </Stack>
  );
}

function Lines({ lines, follow }: { lines: readonly LogLine[]; follow: boolean }) {
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  // After each drawing, because new lines make it longer.
  useEffect(() => {
    if (follow && box.current) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  });
  return (
    // A scrolling region takes the focus, so that the keyboard can scroll it.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <Paper ref={box} className={styles.log} role="log" aria-live="off" aria-label={t("diagnostics.tab.logs")} tabIndex={0}>
      {lines.map((line) => (
        <div key={line.number} className={styles.line}>
          <Text component="span" size="xs" c="dimmed">
            <Time value={line.time} options={{ dateStyle: "short", timeStyle: "medium" }} />
          </Text>
          <ToneBadge tone={tones[line.level]} text={t(`logs.one.${line.level}`)} />
          <span className={styles.message}>
            {line.message} {line.attributes ? <Code className={styles.attributes}>{line.attributes}</Code> : null}
          </span>
        </div>
      ))}
    </Paper>
  );
}
