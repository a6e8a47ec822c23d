import { AppShell, Button, Group, Text } from "@mantine/core";
import { Link, Navigate, Outlet, useLocation } from "@tanstack/react-router";
import { Fragment, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { useSession } from "../api/session";
import { ToneBadge } from "../components/badges";
import { Logo } from "../components/Logo";
import { Failed, LoadingPage } from "../components/states";
import { siteZone } from "../lib/time";
import { useIsPhone } from "../lib/useIsPhone";
import { LiveProvider, useStatus, useTimeZone } from "../live/live";
import { AlarmCount } from "./AlarmCount";
import { LinkBanner } from "./LinkBanner";
import { alarmPage, menu } from "./menu";
import { PendingBanner } from "./PendingBanner";
import { PersonMenu } from "./PersonMenu";
import { PhoneTabs } from "./PhoneTabs";
import styles from "./Shell.module.css";
import { ZoneNote } from "./ZoneNote";

const navbarWidth = 252;
const headerHeight = 56;
const footerHeight = 60;

/** Shell asks who is looking, and shows the page, or the way in. */
export function Shell() {
  const session = useSession();
  const { pathname } = useLocation();
  if (session.isPending) {
    return <LoadingPage />;
  }
  if (session.isError) {
    return <Failed error={session.error} onRetry={() => void session.refetch()} />;
  }
  const { user, publicView, setUpDone } = session.data;
  if (pathname === "/setup" || pathname === "/login") {
    return <Outlet />;
  }
  if (!user && !publicView) {
    return <Navigate to={setUpDone ? "/login" : "/setup"} replace />;
  }
  return (
    <LiveProvider enabled>
      <Frame demo={session.data.demo} needsSetUp={!setUpDone} />
    </LiveProvider>
  );
}

function Frame({ demo, needsSetUp }: { demo: boolean; needsSetUp: boolean }) {
  const { t } = useTranslation();
  const phone = useIsPhone();
  return (
    <AppShell
      padding={{ base: "sm", sm: "lg" }}
      header={{ height: headerHeight, collapsed: !phone }}
      navbar={{ width: navbarWidth, breakpoint: "sm", collapsed: { mobile: true } }}
      footer={{ height: footerHeight, collapsed: !phone }}
    >
      <a className="skip-link" href="#main" onClick={focusMain}>
        {t("shell.skip")}
      </a>
      {phone ? <PhoneHeader demo={demo} /> : <SideMenu demo={demo} />}
      <AppShell.Main className={styles.main} id="main" tabIndex={-1}>
        <div className={styles.page}>
          <LinkBanner />
          <PendingBanner />
          {needsSetUp ? <SetUpHint /> : null}
          {phone ? <ZoneNote /> : null}
          <SiteTimes>
            <Outlet />
          </SiteTimes>
        </div>
      </AppShell.Main>
      {phone ? <PhoneTabs /> : null}
    </AppShell>
  );
}

/** SiteTimes draws what is inside anew when the time zone of the site turns out to be another one. */
function SiteTimes({ children }: { children: ReactNode }) {
  useTimeZone();
  return <Fragment key={siteZone()}>{children}</Fragment>;
}

/** The router owns the fragment of the address, so the skip link moves the focus itself. */
function focusMain(event: { preventDefault: () => void }) {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

function Brand({ demo }: { demo: boolean }) {
  const { t } = useTranslation();
  return (
    <Link to="/" className={styles.brand} data-status={undefined}>
      <Logo />
      {t("shell.brand")}
      {demo ? <ToneBadge tone="calm" text={t("shell.demo")} /> : null}
    </Link>
  );
}

function SideMenu({ demo }: { demo: boolean }) {
  const { t } = useTranslation();
  const status = useStatus();
  return (
    <AppShell.Navbar className={styles.navbar} aria-label={t("shell.menu")}>
      <Brand demo={demo} />
      {menu.map(({ to, text, Icon }) => (
        <Link key={to} to={to} className={styles.link}>
          <Icon />
          {t(text)}
          {to === alarmPage ? <AlarmCount /> : null}
        </Link>
      ))}
      <div style={{ flex: 1 }} />
      <PersonMenu wide />
      <ZoneNote />
      <Text size="xs" c="dimmed" px={12}>
        {status ? t("shell.version", { version: status.version }) : ""}
      </Text>
    </AppShell.Navbar>
  );
}

function PhoneHeader({ demo }: { demo: boolean }) {
  return (
    <AppShell.Header>
      <div className={styles.top}>
        <Brand demo={demo} />
        <PersonMenu />
      </div>
    </AppShell.Header>
  );
}

function SetUpHint() {
  const { t } = useTranslation();
  return (
    <Group justify="space-between" gap="sm" mb="md" p="xs" bg="var(--calm-soft)" style={{ borderRadius: 8 }}>
      <Text size="sm" c="var(--calm)" px={6}>
        {t("shell.setUpHint")}
      </Text>
      <Button component={Link} to="/setup" size="xs" variant="filled">
        {t("shell.setUp")}
      </Button>
    </Group>
  );
}
