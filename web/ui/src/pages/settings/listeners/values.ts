// What the form of a listener holds, and the way from the configuration to it and back.
import type { Listener } from "../../../api/model";

export const kinds = ["tls", "tcp", "wss", "ws", "unix"] as const;

export type Kind = (typeof kinds)[number];

export const certificateUses = ["none", "optional", "required"] as const;

export interface Values {
  id: string;
  kind: Kind;
  address: string;
  anonymous: boolean;
  certificates: (typeof certificateUses)[number];
  ca: string;
  certificateUser: boolean;
  proxy: boolean;
  /** One address or network per line. */
  proxies: string;
  enabled: boolean;
  /** The visitor has confirmed that others in the network can read everything. */
  understood: boolean;
}

/** The ports that clients try first. */
const usualAddress: Readonly<Record<Kind, string>> = { tls: ":8883", tcp: ":1883", wss: ":8084", ws: ":8083", unix: "/run/tidegate/plant.sock" };

/** addressFor is the usual address of a kind as long as nobody has typed another one. */
export function addressFor(kind: Kind, address: string): string {
  return Object.values(usualAddress).includes(address) ? usualAddress[kind] : address;
}

export function isSecure(kind: string): boolean {
  return kind === "tls" || kind === "wss";
}

/** isExposed: passwords and messages would cross a network in plain text; gateway/listener.go has the same rule. */
export function isExposed({ kind, address }: { kind: string; address: string }): boolean {
  return !isSecure(kind) && kind !== "unix" && !/^(localhost|127(\.\d{1,3}){3}|\[::1\]):/.test(address.trim());
}

export function valuesOf(listener: Listener | undefined): Values {
  return {
    id: listener?.id ?? "",
    kind: kinds.find((kind) => kind === listener?.kind) ?? "tls",
    address: listener?.address ?? usualAddress.tls,
    anonymous: listener?.anonymous ?? false,
    certificates: certificateUses.find((use) => use === listener?.clientCertificates) ?? "none",
    ca: listener?.clientCA ?? "",
    certificateUser: listener?.certificateUser ?? false,
    proxy: listener?.proxyProtocol ?? false,
    proxies: (listener?.trustedProxies ?? []).join("\n"),
    enabled: !listener?.disabled,
    understood: listener !== undefined && isExposed(listener),
  };
}

/** listenerOf leaves out what the kind does not have. */
export function listenerOf(values: Values): Listener {
  const { kind, anonymous, certificates, certificateUser, enabled } = values;
  const asked = isSecure(kind) && certificates !== "none";
  const proxied = values.proxy && kind !== "unix";
  return {
    id: values.id.trim(),
    kind,
    address: values.address.trim(),
    anonymous,
    ...(asked ? { clientCertificates: certificates, clientCA: values.ca, certificateUser } : {}),
    ...(proxied ? { proxyProtocol: true, trustedProxies: values.proxies.split(/[\s,]+/).filter(Boolean) } : {}),
    disabled: !enabled,
  };
}

/** Where the server's names of fields are in the form. */
export const fields = {
  "listener.id": "id",
  "listener.kind": "kind",
  "listener.address": "address",
  "listener.clientCertificates": "certificates",
  "listener.clientCA": "ca",
  "listener.certificateUser": "certificateUser",
  "listener.proxyProtocol": "proxy",
  "listener.trustedProxies": "proxies",
} as const;
