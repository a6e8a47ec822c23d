import bridge from "./screens/bridge.jpg";
import device from "./screens/device.jpg";
import explorer from "./screens/explorer.jpg";
import outage from "./screens/outage.jpg";
import points from "./screens/points.jpg";

/** The way from the cabinet to the cloud. The pictures are made by `make screens`. */
export const steps = [
  { name: "device", to: "/devices", picture: device },
  { name: "explorer", to: "/points", picture: explorer },
  { name: "points", to: "/points", picture: points },
  { name: "bridge", to: "/bridges", picture: bridge },
  { name: "outage", to: "/bridges", picture: outage },
] as const;

/** What people ask when something is wrong, and the page that answers it. */
export const questions = [
  { name: "bad", to: "/diagnostics" },
  { name: "silent", to: "/diagnostics" },
  { name: "lost", to: "/broker" },
  { name: "password", to: "/settings/users" },
  { name: "replace", to: "/settings/backup" },
  { name: "programs", to: "/reference" },
] as const;
