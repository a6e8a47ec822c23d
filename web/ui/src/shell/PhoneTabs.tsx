import { AppShell, Menu, UnstyledButton } from "@mantine/core";
import { Link, useLocation, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { IconMore } from "../components/icons";
import { AlarmCount } from "./AlarmCount";
import { alarmPage, menu, tabs } from "./menu";
import styles from "./Shell.module.css";

/** PhoneTabs is the menu at the thumb: the first pages as tabs, the others behind the last one. */
export function PhoneTabs() {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const rest = menu.slice(tabs);
  const active = rest.find(({ to }) => pathname.startsWith(to));
  return (
    <AppShell.Footer>
      <nav className={styles.tabs} aria-label={t("shell.menu")}>
        {menu.slice(0, tabs).map(({ to, text, Icon }) => (
          <Link key={to} to={to} className={styles.tab}>
            <Icon />
            {t(text)}
          </Link>
        ))}
        <Menu position="top-end" width={220} shadow="md">
          <Menu.Target>
            <UnstyledButton className={styles.tab} data-status={active ? "active" : undefined}>
              <IconMore />
              <span className={styles.more}>
                {t("nav.more")}
                <AlarmCount />
              </span>
            </UnstyledButton>
          </Menu.Target>
          <Menu.Dropdown>
            {rest.map(({ to, text, Icon }) => (
              <Menu.Item key={to} h={48} leftSection={<Icon />} fw={to === active?.to ? 650 : 400} onClick={() => void navigate({ to })}>
                <span className={styles.more}>
                  {t(text)}
                  {to === alarmPage ? <AlarmCount /> : null}
                </span>
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </nav>
    </AppShell.Footer>
  );
}
