import { IconBridges, IconBroker, IconDevices, IconOverview, IconPoints } from "../components/icons";

/** The pages of the menu, in its order. */
export const menu = [
  { to: "/", text: "nav.overview", Icon: IconOverview },
  { to: "/devices", text: "nav.devices", Icon: IconDevices },
  { to: "/points", text: "nav.points", Icon: IconPoints },
  { to: "/bridges", text: "nav.bridges", Icon: IconBridges },
  { to: "/broker", text: "nav.broker", Icon: IconBroker },
] as const;
