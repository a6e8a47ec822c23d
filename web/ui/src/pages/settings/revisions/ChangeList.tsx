import { Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { Change } from "../../../api/model";
import { ToneBadge, type Tone } from "../../../components/badges";
import styles from "./ChangeList.module.css";
import { FieldTable } from "./FieldTable";

const toneOf: Readonly<Record<string, Tone>> = { added: "good", removed: "bad", changed: "warn" };

/** So many are shown; a longer list would not be read, and slow down the page. */
const shown = 200;

/** ChangeList shows what differs, by object and field, with before and after. */
export function ChangeList({ changes }: { changes: readonly Change[] }) {
  const { t } = useTranslation();
  if (changes.length === 0) {
    return <Text c="dimmed">{t("changes.none")}</Text>;
  }
  return (
    <Stack gap="sm" component="ul" m={0} p={0} style={{ listStyle: "none" }} data-testid="changes">
      {changes.slice(0, shown).map((change) => (
        <li key={`${change.object} ${change.id ?? ""}`}>
          <div className={styles.head}>
            <ToneBadge tone={toneOf[change.kind] ?? "calm"} text={t(`change.${change.kind}` as "change.added")} />
            <Text component="span" fw={600}>
              {t(`object.${change.object}` as "object.device")}
            </Text>
            <Text component="span" className="mono">
              {change.id}
            </Text>
            {change.name ? <Text component="span">{change.name}</Text> : null}
          </div>
          {change.kind === "removed" ? null : (
            <FieldTable
              label={`${t(`object.${change.object}` as "object.device")} ${change.id ?? ""}`}
              fields={change.fields}
              isNew={change.kind === "added"}
            />
          )}
        </li>
      ))}
      {changes.length > shown ? <Text component="li">{t("changes.more", { count: changes.length - shown })}</Text> : null}
    </Stack>
  );
}
