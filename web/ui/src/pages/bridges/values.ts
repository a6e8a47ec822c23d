// What the form of a bridge holds: the bridge with text for everything that is typed.
import type { Bridge, BridgeIdentity, BridgePreset, Config, Route } from "../../api/model";
import { hoursOf, type LinkValues, linkOf, linkValues, present, type StorageValues, storageOf, storageValues } from "./options";

export interface RouteValues {
  direction: Route["direction"];
  filter: string;
  /** Filters, separated by blanks. */
  exclude: string;
  prefix: string;
  topic: string;
  qos: number;
  priority: number | "";
}

export interface Values {
  name: string;
  id: string;
  /** The id of a preset; empty for any broker. */
  preset: string;
  url: string;
  clientId: string;
  username: string;
  password: string;
  version: string;
  window: number | "";
  enabled: boolean;
  tls: { ca: string; certificate: string; key: string; newKey: string; serverName: string; alpn: string };
  /** A client certificate that is to take the place of that in tls; all empty for none. */
  identity: Required<BridgeIdentity>;
  proxy: { url: string; username: string; password: string };
  storage: StorageValues;
  link: LinkValues;
  messagesPerSecond: number | "";
  routes: RouteValues[];
}

/** What the gateway shows in the place of a secret that it has, and takes back as that. */
export const hiddenSecret = "********";

export const noIdentity: Values["identity"] = { certificate: "", key: "", pkcs12: "", password: "" };

export const emptyRoute: RouteValues = { direction: "out", filter: "", exclude: "", prefix: "", topic: "", qos: 1, priority: "" };

function routeValues(route: Route): RouteValues {
  return { ...emptyRoute, ...route, exclude: (route.exclude ?? []).join(" "), priority: route.priority || "" };
}

export function valuesOf(config: Config, bridge: Bridge | undefined): Values {
  const first = { ...emptyRoute, filter: `${config.name}/#` };
  return {
    name: bridge?.name ?? "",
    id: bridge?.id ?? "",
    preset: bridge?.preset ?? "",
    url: bridge?.url ?? "mqtt://",
    clientId: bridge?.clientId ?? "",
    username: bridge?.username ?? "",
    password: bridge?.password ?? "",
    version: String(bridge?.version ?? 0),
    window: bridge?.window || "",
    enabled: !bridge?.disabled || isWaiting(bridge.tls),
    tls: { ca: "", certificate: "", key: "", newKey: "", serverName: "", alpn: "", ...bridge?.tls },
    identity: noIdentity,
    proxy: { url: "", username: "", password: "", ...bridge?.proxy },
    storage: storageValues(bridge?.storage),
    link: linkValues(bridge?.link),
    messagesPerSecond: bridge?.pace?.messagesPerSecond || "",
    routes: bridge ? bridge.routes.map(routeValues) : [first],
  };
}

/** withPreset begins anew with what a preset says: address, protocol, user name, and a QoS that the cloud takes. */
export function withPreset(values: Values, id: string, presets: readonly BridgePreset[]): Values {
  const preset = presets.find((one) => one.id === id);
  if (!preset) {
    return { ...values, preset: id };
  }
  const { url, version, username } = preset.fields;
  const mostQoS = preset.rules.find(({ rule }) => rule === "maxQoS")?.value ?? 2;
  // What the preset fills in by itself when it connects is left open.
  const filledIn = preset.rules.some(({ rule }) => rule === "username");
  return {
    ...values,
    preset: id,
    url,
    version: String(version ?? 0),
    username: filledIn ? "" : (username ?? ""),
    routes: values.routes.map((route) => ({ ...route, qos: Math.min(route.qos, mostQoS) })),
  };
}

/** isSecure says whether the broker at this address is reached over TLS. */
export const isSecure = (url: string) => /^(mqtts|wss):/.test(url.trim());

/** isWaiting: a key was made on the device, and its certificate has not come yet; until then the bridge is off. */
export const isWaiting = (tls: Bridge["tls"]) => Boolean(tls?.newKey) && !tls?.certificate;

/** identityOf is undefined where the certificate stays as it is. */
export function identityOf({ url, identity }: Values): BridgeIdentity | undefined {
  return isSecure(url) ? filled(identity) : undefined;
}

/** filled leaves out what is empty, and itself when nothing is left. */
function filled<T extends object>(values: T): Partial<T> | undefined {
  const entries = Object.entries(values).filter(([, text]) => (text as string).trim() !== "");
  return entries.length > 0 ? (Object.fromEntries(entries) as Partial<T>) : undefined;
}

export function routeOf({ exclude, prefix, topic, priority, ...route }: RouteValues): Route {
  const filters = exclude.split(/\s+/).filter((filter) => filter !== "");
  return { ...route, exclude: filters.length > 0 ? filters : undefined, prefix: prefix || undefined, topic: topic || undefined, priority: priority || undefined };
}

export function bridgeOf(values: Values, bridge: Bridge | undefined): Bridge {
  return {
    ...bridge,
    id: values.id,
    name: values.name,
    preset: values.preset || undefined,
    url: values.url.trim(),
    clientId: values.clientId || undefined,
    username: values.username || undefined,
    password: values.password || undefined,
    version: Number(values.version) || undefined,
    window: values.window === "" ? undefined : values.window,
    tls: isSecure(values.url) ? filled(values.tls) : undefined,
    proxy: filled(values.proxy),
    storage: storageOf(values.storage, bridge?.storage),
    link: linkOf(values.link, bridge?.link),
    pace: present({ ...bridge?.pace, messagesPerSecond: values.messagesPerSecond || undefined }),
    disabled: values.enabled && (identityOf(values) !== undefined || !isWaiting(values.tls)) ? undefined : true,
    routes: values.routes.map(routeOf),
  };
}

const own = ["id", "name", "preset", "url", "clientId", "username", "password", "version", "window"];
const nested = ["tls.ca", "tls.serverName", "tls.alpn", "proxy.url", "proxy.username", "proxy.password", "link.backup", "link.start", "link.probeTopic", "storage.overflow"];
/** Those of the form that the server knows by other names. */
const renamed = { "bridge.storage.maxAge": "storage.hours", "bridge.storage.maxBytes": "storage.gigabytes", "bridge.pace.messagesPerSecond": "messagesPerSecond" };
/** The server names what came along, or what the bridge lacks. */
const certificateFields = [
  ...["certificate", "pkcs12"].map((name) => [`identity.${name}`, "identity.certificate"]),
  ["identity.key", "identity.key"],
  ["identity.password", "identity.password"],
  ["bridge.tls.certificate", "identity.certificate"],
  ["bridge.tls.key", "identity.key"],
];
const ofRoute = ["direction", "filter", "exclude", "prefix", "topic", "qos", "priority"];

/** fieldsOf are the fields of the form by the names that the server has for them. */
export function fieldsOf(values: Values): Record<string, string> {
  const names = [...own, ...nested].map((name) => [`bridge.${name}`, name]);
  const routes = values.routes.flatMap((route, index) => [
    ...ofRoute.map((name) => [`routes.${index}.${name}`, `routes.${index}.${name}`]),
    ...route.exclude.split(/\s+/).map((_, place) => [`routes.${index}.exclude.${place}`, `routes.${index}.exclude`]),
  ]);
  const hours = hoursOf(values.link.hours).flatMap((_, index) => ["from", "to", "days"].map((name) => [`bridge.link.hours.${index}.${name}`, "link.hours"]));
  return Object.fromEntries([...names, ...certificateFields, ...routes, ...hours, ["bridge.link.hours", "link.hours"], ...Object.entries(renamed)]) as Record<string, string>;
}

/**
 * probeTopicOf is where a new bridge looks whether what it sends comes back: a topic of its own, unless the cloud takes
 * certain topics only or goes by a policy that has to allow it first.
 */
export function probeTopicOf(gateway: string, preset: BridgePreset | undefined): string {
  const strict = preset?.rules.some(({ rule }) => rule === "topicsOut" || rule === "certificate");
  return strict ? "" : `tidegate/probe/${gateway}`;
}
