import { describe, expect, it } from "vitest";

import { addressFor, isExposed, listenerOf, valuesOf } from "./values";

describe("a listener", () => {
  it("comes back from its form as it was", () => {
    const listener = {
      id: "plant",
      kind: "wss",
      address: ":8443",
      anonymous: false,
      clientCertificates: "required",
      clientCA: "-----BEGIN CERTIFICATE-----",
      certificateUser: true,
      proxyProtocol: true,
      trustedProxies: ["192.0.2.7", "198.51.100.0/24"],
      disabled: true,
    };
    expect(listenerOf(valuesOf(listener))).toEqual(listener);
  });

  it("does not send what its transport does not have", () => {
    const values = { ...valuesOf(undefined), id: "s", kind: "unix" as const, address: "/run/s", certificates: "required" as const, ca: "x", proxy: true, proxies: "192.0.2.7" };
    expect(listenerOf(values)).toEqual({ id: "s", kind: "unix", address: "/run/s", anonymous: false, disabled: false });
  });

  it("takes proxies a line or a comma apart", () => {
    expect(listenerOf({ ...valuesOf(undefined), proxy: true, proxies: " 192.0.2.7,\n198.51.100.0/24 \n" }).trustedProxies).toEqual(["192.0.2.7", "198.51.100.0/24"]);
  });

  it("moves to the usual port of its transport until another one is typed", () => {
    expect(addressFor("tcp", ":8883")).toBe(":1883");
    expect(addressFor("tcp", ":9000")).toBe(":9000");
  });
});

describe("others in the network can read", () => {
  it.each([
    ["tcp", ":1883", true],
    ["tcp", "0.0.0.0:1883", true],
    ["ws", "192.0.2.7:8083", true],
    ["tcp", "localhost.example:1883", true],
    ["tcp", "127.0.0.1:1883", false],
    ["tcp", "localhost:1883", false],
    ["ws", "[::1]:8083", false],
    ["tls", ":8883", false],
    ["wss", ":8443", false],
    ["unix", "/run/s", false],
  ])("%s on %s: %s", (kind, address, exposed) => {
    expect(isExposed({ kind, address })).toBe(exposed);
  });
});
