// The table of pages is the routes and the menu.
import {
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from "@tanstack/react-router";

import { LoadingPage } from "./components/states";
import { Shell } from "./shell/Shell";

const root = createRootRoute({ component: Shell });

const overview = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: lazyRouteComponent(() => import("./pages/overview/OverviewPage"), "OverviewPage"),
});
const devices = createRoute({
  getParentRoute: () => root,
  path: "/devices",
  component: lazyRouteComponent(() => import("./pages/devices/DevicesPage"), "DevicesPage"),
});
const profiles = createRoute({
  getParentRoute: () => root,
  path: "/profiles",
  component: lazyRouteComponent(() => import("./pages/devices/ProfilesPage"), "ProfilesPage"),
});
const points = createRoute({
  getParentRoute: () => root,
  path: "/points",
  component: lazyRouteComponent(() => import("./pages/points/PointsPage"), "PointsPage"),
});
const charts = createRoute({
  getParentRoute: () => root,
  path: "/charts",
  component: lazyRouteComponent(() => import("./pages/charts/ChartsPage"), "ChartsPage"),
});
const grid = createRoute({
  getParentRoute: () => root,
  path: "/points/grid",
  component: lazyRouteComponent(() => import("./pages/points/grid/GridPage"), "GridPage"),
});
const bridges = createRoute({
  getParentRoute: () => root,
  path: "/bridges",
  component: lazyRouteComponent(() => import("./pages/bridges/BridgesPage"), "BridgesPage"),
});
const backlog = createRoute({
  getParentRoute: () => root,
  path: "/bridges/$bridge",
  component: lazyRouteComponent(() => import("./pages/bridges/backlog/BacklogPage"), "BacklogPage"),
});
const broker = createRoute({
  getParentRoute: () => root,
  path: "/broker",
  component: lazyRouteComponent(() => import("./pages/broker/BrokerPage"), "BrokerPage"),
});
const diagnostics = createRoute({
  getParentRoute: () => root,
  path: "/diagnostics",
  component: lazyRouteComponent(() => import("./pages/diagnostics/DiagnosticsPage"), "DiagnosticsPage"),
});
const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  component: lazyRouteComponent(() => import("./pages/settings/SettingsFrame"), "SettingsFrame"),
});
const settingsList = createRoute({
  getParentRoute: () => settings,
  path: "/",
  component: lazyRouteComponent(() => import("./pages/settings/SettingsPage"), "SettingsPage"),
});
const backup = createRoute({
  getParentRoute: () => settings,
  path: "/backup",
  component: lazyRouteComponent(() => import("./pages/settings/backup/BackupPage"), "BackupPage"),
});
const users = createRoute({
  getParentRoute: () => settings,
  path: "/users",
  component: lazyRouteComponent(() => import("./pages/settings/users/UsersPage"), "UsersPage"),
});
const mqttUsers = createRoute({
  getParentRoute: () => settings,
  path: "/mqtt",
  component: lazyRouteComponent(() => import("./pages/settings/mqtt/MQTTUsersPage"), "MQTTUsersPage"),
});
const listeners = createRoute({
  getParentRoute: () => settings,
  path: "/listeners",
  component: lazyRouteComponent(() => import("./pages/settings/listeners/ListenersPage"), "ListenersPage"),
});
const certificates = createRoute({
  getParentRoute: () => settings,
  path: "/certificates",
  component: lazyRouteComponent(() => import("./pages/settings/certificates/CertificatesPage"), "CertificatesPage"),
});
const tokens = createRoute({
  getParentRoute: () => settings,
  path: "/tokens",
  component: lazyRouteComponent(() => import("./pages/settings/tokens/TokensPage"), "TokensPage"),
});
const revisions = createRoute({
  getParentRoute: () => settings,
  path: "/revisions",
  component: lazyRouteComponent(() => import("./pages/settings/revisions/RevisionsPage"), "RevisionsPage"),
});
const audit = createRoute({
  getParentRoute: () => settings,
  path: "/audit",
  component: lazyRouteComponent(() => import("./pages/settings/audit/AuditPage"), "AuditPage"),
});
const help = createRoute({
  getParentRoute: () => root,
  path: "/help",
  component: lazyRouteComponent(() => import("./pages/help/HelpPage"), "HelpPage"),
});
const reference = createRoute({
  getParentRoute: () => root,
  path: "/reference",
  component: lazyRouteComponent(() => import("./pages/reference/ReferencePage"), "ReferencePage"),
});
const site = createRoute({
  getParentRoute: () => settings,
  path: "/site",
  component: lazyRouteComponent(() => import("./pages/settings/site/SitePage"), "SitePage"),
});
const history = createRoute({
  getParentRoute: () => settings,
  path: "/history",
  component: lazyRouteComponent(() => import("./pages/settings/history/HistoryPage"), "HistoryPage"),
});
const setup = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  component: lazyRouteComponent(() => import("./pages/setup/SetupPage"), "SetupPage"),
});
const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  component: lazyRouteComponent(() => import("./pages/login/LoginPage"), "LoginPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    overview,
    devices,
    profiles,
    points,
    grid,
    charts,
    bridges,
    backlog,
    broker,
    diagnostics,
    settings.addChildren([settingsList, site, history, users, mqttUsers, listeners, certificates, tokens, revisions, audit, backup]),
    help,
    reference,
    setup,
    login,
  ]),
  // Pages live behind the #, so that the files work below any path and need no help of the server.
  history: createHashHistory(),
  defaultPendingComponent: LoadingPage,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
