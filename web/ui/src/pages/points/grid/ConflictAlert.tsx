import { Alert, Button, Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { IconWarn } from "../../../components/icons";
import type { Conflict } from "./draft";

const most = 10;

/** ConflictAlert shows what somebody else changed below the draft, and asks whose version counts. */
export function ConflictAlert({ conflicts, onKeep }: { conflicts: readonly Conflict[]; onKeep: (which: "mine" | "theirs") => void }) {
  const { t } = useTranslation();
  if (conflicts.length === 0) {
    return null;
  }
  return (
    <Alert color="red" variant="light" icon={<IconWarn />} title={t("grid.conflict", { count: conflicts.length })} mb="md" data-testid="conflicts">
      {conflicts.slice(0, most).map(({ key, name, column, theirs, mine }) => (
        <Text key={`${key} ${column ?? ""}`} size="sm">
          {column
            ? t("grid.conflictCell", { name, column: t(`grid.column.${column}`), theirs: theirs || t("grid.nothing"), mine: mine || t("grid.nothing") })
            : t("grid.conflictGone", { name })}
        </Text>
      ))}
      {conflicts.length > most ? <Text size="sm">{t("grid.more", { count: conflicts.length - most })}</Text> : null}
      <Group mt="sm" gap="sm">
        <Button variant="default" onClick={() => onKeep("mine")}>
          {t("grid.keepMine")}
        </Button>
        <Button variant="default" onClick={() => onKeep("theirs")}>
          {t("grid.keepTheirs")}
        </Button>
      </Group>
    </Alert>
  );
}
