import { Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { PageHeader } from "../../components/PageHeader";
import { sections } from "./sections";
import styles from "./settings.module.css";

export function SettingsPage() {
  const { t } = useTranslation();
  return (
    <>
      <PageHeader title={t("nav.settings")} text={t("settings.text")} />
      <ul className={styles.cards}>
        {sections.map(({ to, text, about, Icon }) => (
          <li key={to}>
            <Link to={to} className={styles.card}>
              <Icon size={24} />
              <span>
                <Text component="span" display="block" fw={650}>
                  {t(text)}
                </Text>
                <Text component="span" display="block" size="sm" c="dimmed">
                  {t(about)}
                </Text>
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}
