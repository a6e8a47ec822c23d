import { Button, Paper, Stack, Text } from "@mantine/core";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { allows, useRole } from "../../api/session";
import { useGuard } from "../../api/useGuard";
import { IconBack } from "../../components/icons";
import { PageHeader } from "../../components/PageHeader";
import { useIsPhone } from "../../lib/useIsPhone";
import { sections } from "./sections";
import styles from "./settings.module.css";

/** SettingsFrame has the list of the sub-pages beside them; on a phone the list is a page of its own. */
export function SettingsFrame() {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const phone = useIsPhone();
  const may = allows(useRole(), "administrator");
  if (!may) {
    return <NotForYou />;
  }
  if (pathname.replace(/\/$/, "") === "/settings") {
    return <Outlet />;
  }
  return (
    <div className={styles.frame}>
      <nav className={styles.side} aria-label={t("nav.settings")}>
        {phone ? (
          <Link to="/settings" className={styles.back} activeOptions={{ exact: true }}>
            <IconBack />
            {t("nav.settings")}
          </Link>
        ) : (
          sections.map(({ to, text, Icon }) => (
            <Link key={to} to={to} className={styles.link}>
              <Icon />
              {t(text)}
            </Link>
          ))
        )}
      </nav>
      <div className={styles.content}>
        <Outlet />
      </div>
    </div>
  );
}

/** NotForYou tells who may not see the settings how that can change. */
function NotForYou() {
  const { t } = useTranslation();
  const guard = useGuard();
  return (
    <>
      <PageHeader title={t("nav.settings")} />
      <Paper p="lg">
        <Stack align="flex-start">
          <Text>{t("settings.administrators")}</Text>
          <Button onClick={guard("administrator", () => undefined)}>{t("settings.logIn")}</Button>
        </Stack>
      </Paper>
    </>
  );
}
