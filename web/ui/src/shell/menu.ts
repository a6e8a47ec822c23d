import { IconBridges, IconBroker, IconChart, IconDevices, IconHelp, IconTest, IconOverview, IconPoints, IconSettings } from "../components/icons";

/** The pages of the menu, in its order. */
export const menu = [
  { to: "/", text: "nav.overview", Icon: IconOverview },
  { to: "/devices", text: "nav.devices", Icon: IconDevices },
  { to: "/points", text: "nav.points", Icon: IconPoints },
  { to: "/bridges", text: "nav.bridges", Icon: IconBridges },
  { to: "/charts", text: "nav.charts", Icon: IconChart },
  { to: "/broker", text: "nav.broker", Icon: IconBroker },
  { to: "/diagnostics", text: "nav.diagnostics", Icon: IconTest },
  { to: "/settings", text: "nav.settings", Icon: IconSettings },
  { to: "/help", text: "nav.help", Icon: IconHelp },
] as const;

/** How many of them are one tap away on a phone; the rest is behind "More". */
export const tabs = 4;

/** The page that lists the alarms; how many there are stands beside its name. */
export const alarmPage = "/diagnostics";
