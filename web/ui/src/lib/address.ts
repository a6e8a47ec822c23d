// The URL of a connection, taken apart for a form: tcp://host:502, rtu+tcp://host:4001, rtu:///dev/ttyUSB0?baud=9600.

export type Protocol = "tcp" | "rtu" | "ascii" | "line";
export type Parity = "N" | "E" | "O";

export interface Address {
  protocol: Protocol;
  /** A serial line behind a serial server; tcp is over the network always. */
  overNetwork: boolean;
  host: string;
  port: number;
  /** The device file of a serial port. */
  path: string;
  baud: number;
  parity: Parity;
  data: number;
  stop: number;
  /** A network scheme that the form does not offer, but keeps: tls, rtu+udp, tcp+listen. */
  scheme?: string;
  /** Parameters that the form does not know, as they stand in the URL: rs485=on&echo=on. */
  extra?: string;
}

export const bauds = [1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200] as const;

const modbusPort = 502;
const serialServerPort = 4001;
const securePort = 802;
/** Where a gateway listens for devices that dial in, when nothing is said. */
const anyHost = "0.0.0.0";

export function emptyAddress(): Address {
  return {
    protocol: "tcp",
    overNetwork: true,
    host: "",
    port: modbusPort,
    path: "",
    baud: 9600,
    parity: "N",
    data: 8,
    stop: 1,
  };
}

export function usesNetwork(address: Address): boolean {
  return address.protocol === "tcp" || address.overNetwork;
}

export function parseAddress(url: string): Address {
  const address = emptyAddress();
  const other = /^(tls|mbaps|(?:tcp|rtu|ascii|line)\+(?:udp|listen)):\/\/([^/?]*)[^?]*(?:\?(.*))?$/.exec(url);
  if (other) {
    const [, scheme = "", authority = "", query = ""] = other;
    const place = parseHost(authority, securePort);
    return { ...address, protocol: protocolOf(scheme), scheme, ...place, host: place.host || anyHost, ...extraOf(query) };
  }
  const match = /^([a-z]+)(\+tcp)?:\/\/([^/?]*)([^?]*)(?:\?(.*))?$/.exec(url);
  if (!match) {
    return address;
  }
  const [, scheme, overTCP, authority = "", path = "", query = ""] = match;
  if (scheme !== "tcp" && scheme !== "rtu" && scheme !== "ascii" && scheme !== "line") {
    return address;
  }
  address.protocol = scheme;
  address.overNetwork = scheme === "tcp" || overTCP !== undefined;
  if (address.overNetwork) {
    return { ...address, ...parseHost(authority, scheme === "tcp" ? modbusPort : serialServerPort), ...extraOf(query) };
  }
  return { ...address, path: decodeURI(path), ...parseSerial(scheme, new URLSearchParams(query)), ...extraOf(query) };
}

function extraOf(query: string): Pick<Address, "extra"> {
  const extra = query.split("&").filter((parameter) => parameter !== "" && !/^(baud|parity|data|stop)=/.test(parameter));
  return extra.length > 0 ? { extra: extra.join("&") } : {};
}

function parseHost(authority: string, defaultPort: number): { host: string; port: number } {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(authority);
  return {
    host: (match?.[1] ?? authority).replace(/^\[|\]$/g, ""),
    port: match?.[2] ? Number(match[2]) : defaultPort,
  };
}

function parseSerial(protocol: Protocol, query: URLSearchParams): Pick<Address, "baud" | "parity" | "data" | "stop"> {
  const ascii = protocol === "ascii";
  const parity = query.get("parity");
  return {
    baud: Number(query.get("baud") ?? 9600),
    parity: parity === "E" || parity === "O" || parity === "N" ? parity : ascii ? "E" : "N",
    data: Number(query.get("data") ?? (ascii ? 7 : 8)),
    stop: Number(query.get("stop") ?? 1),
  };
}

function protocolOf(scheme: string): Protocol {
  const name = scheme.split("+")[0];
  return name === "rtu" || name === "ascii" || name === "line" ? name : "tcp";
}

export function formatAddress(address: Address): string {
  const { protocol, path, baud, parity, data, stop, extra } = address;
  if (usesNetwork(address)) {
    const host = address.host.includes(":") ? `[${address.host}]` : address.host;
    if (address.scheme && protocolOf(address.scheme) === protocol) {
      return `${address.scheme}://${host}:${address.port}${extra ? `?${extra}` : ""}`;
    }
    return `${protocol === "tcp" ? "tcp" : `${protocol}+tcp`}://${host}:${address.port}${extra ? `?${extra}` : ""}`;
  }
  const query = new URLSearchParams({ baud: String(baud), parity, data: String(data), stop: String(stop) });
  return `${protocol}://${encodeURI(path)}?${query.toString()}${extra ? `&${extra}` : ""}`;
}

/** placeOf says in short where the wire is: 192.168.0.10:502, or /dev/ttyUSB0 · 9600 8N1. */
export function placeOf(url: string): string {
  const address = parseAddress(url);
  if (usesNetwork(address)) {
    return `${address.host}:${address.port}`;
  }
  return `${address.path} · ${address.baud} ${address.data}${address.parity}${address.stop}`;
}
