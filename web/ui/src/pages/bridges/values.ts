// What the form of a bridge holds: the bridge with text for everything that is typed.
import type { Bridge, Config, Route } from "../../api/model";

export interface RouteValues {
  direction: Route["direction"];
  filter: string;
  /** Filters, separated by blanks. */
  exclude: string;
  prefix: string;
  topic: string;
  qos: number;
}

export interface Values {
  name: string;
  id: string;
  url: string;
  clientId: string;
  username: string;
  password: string;
  version: string;
  window: number | "";
  enabled: boolean;
  tls: { ca: string; certificate: string; key: string; serverName: string; alpn: string };
  proxy: { url: string; username: string; password: string };
  routes: RouteValues[];
}

export const emptyRoute: RouteValues = { direction: "out", filter: "", exclude: "", prefix: "", topic: "", qos: 1 };

function routeValues(route: Route): RouteValues {
  return { ...emptyRoute, ...route, exclude: (route.exclude ?? []).join(" ") };
}

export function valuesOf(config: Config, bridge: Bridge | undefined): Values {
  const first = { ...emptyRoute, filter: `${config.name}/#` };
  return {
    name: bridge?.name ?? "",
    id: bridge?.id ?? "",
    url: bridge?.url ?? "mqtt://",
    clientId: bridge?.clientId ?? "",
    username: bridge?.username ?? "",
    password: bridge?.password ?? "",
    version: String(bridge?.version ?? 0),
    window: bridge?.window || "",
    enabled: !bridge?.disabled,
    tls: { ca: "", certificate: "", key: "", serverName: "", alpn: "", ...bridge?.tls },
    proxy: { url: "", username: "", password: "", ...bridge?.proxy },
    routes: bridge ? bridge.routes.map(routeValues) : [first],
  };
}

/** isSecure says whether the broker at this address is reached over TLS. */
export const isSecure = (url: string) => /^(mqtts|wss):/.test(url.trim());

/** filled leaves out what is empty, and itself when nothing is left. */
function filled<T extends Record<string, string>>(values: T): Partial<T> | undefined {
  const entries = Object.entries(values).filter(([, text]) => text.trim() !== "");
  return entries.length > 0 ? (Object.fromEntries(entries) as Partial<T>) : undefined;
}

function routeOf({ exclude, prefix, topic, ...route }: RouteValues): Route {
  const filters = exclude.split(/\s+/).filter((filter) => filter !== "");
  return { ...route, exclude: filters.length > 0 ? filters : undefined, prefix: prefix || undefined, topic: topic || undefined };
}

export function bridgeOf(values: Values, bridge: Bridge | undefined): Bridge {
  return {
    ...bridge,
    id: values.id,
    name: values.name,
    url: values.url.trim(),
    clientId: values.clientId || undefined,
    username: values.username || undefined,
    password: values.password || undefined,
    version: Number(values.version) || undefined,
    window: values.window === "" ? undefined : values.window,
    tls: isSecure(values.url) ? filled(values.tls) : undefined,
    proxy: filled(values.proxy),
    disabled: values.enabled ? undefined : true,
    routes: values.routes.map(routeOf),
  };
}

const own = ["id", "name", "url", "clientId", "username", "password", "version", "window"];
const nested = ["tls.ca", "tls.certificate", "tls.key", "tls.serverName", "tls.alpn", "proxy.url", "proxy.username", "proxy.password"];
const ofRoute = ["direction", "filter", "exclude", "prefix", "topic", "qos"];

/** fieldsOf are the fields of the form by the names that the server has for them. */
export function fieldsOf(values: Values): Record<string, string> {
  const names = [...own, ...nested].map((name) => [`bridge.${name}`, name]);
  const routes = values.routes.flatMap((route, index) => [
    ...ofRoute.map((name) => [`routes.${index}.${name}`, `routes.${index}.${name}`]),
    ...route.exclude.split(/\s+/).map((_, place) => [`routes.${index}.exclude.${place}`, `routes.${index}.exclude`]),
  ]);
  return Object.fromEntries([...names, ...routes]) as Record<string, string>;
}
