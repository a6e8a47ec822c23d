import { useTranslation } from "react-i18next";

import { useStatus } from "../live/live";
import styles from "./Shell.module.css";

/** AlarmCount is how many alarms nobody has acknowledged, beside the name of the page that lists them; nothing without any. */
export function AlarmCount() {
  const { t } = useTranslation();
  const alarms = (useStatus()?.alarms ?? []).filter(({ acknowledged }) => !acknowledged);
  if (alarms.length === 0) {
    return null;
  }
  const severe = alarms.some(({ severity }) => severity === "error");
  return (
    <span className={styles.alarms} data-severe={severe || undefined} aria-label={t("shell.alarms", { count: alarms.length })} role="img">
      {alarms.length}
    </span>
  );
}
