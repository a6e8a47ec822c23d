import { expect, test } from "vitest";

import type { Bridge, Config } from "../../api/model";
import { bridgeOf, fieldsOf, valuesOf } from "./values";

const config = { name: "plant" } as Config;
const bridge: Bridge = {
  id: "cloud",
  name: "Cloud",
  url: "wss://broker.example/mqtt",
  password: "********",
  tls: { ca: "CA", certificate: "C", key: "********", serverName: "other.example", alpn: "mqtt" },
  proxy: { url: "http://proxy:3128", username: "p", password: "********" },
  routes: [{ direction: "out", filter: "line/+/#", exclude: ["line/9/#", "+/debug"], topic: "site/{1}/{#}", qos: 2 }],
};

test("a bridge that nobody changes stays as it is", () => {
  expect(bridgeOf(valuesOf(config, bridge), bridge)).toEqual(bridge);
});

test("a new bridge begins with the gateway's topics, and sends nothing that is empty", () => {
  const made = bridgeOf({ ...valuesOf(config, undefined), id: "a", name: "A", url: " mqtt://host " }, undefined);
  expect(JSON.parse(JSON.stringify(made))).toEqual({ id: "a", name: "A", url: "mqtt://host", routes: [{ direction: "out", filter: "plant/#", qos: 1 }] });
});

test("a bridge that goes without TLS from now on sends nothing of it", () => {
  expect(bridgeOf({ ...valuesOf(config, bridge), url: "ws://broker.example" }, bridge).tls).toBeUndefined();
});

test("what the server says of an excluded filter stands at the field of all of them", () => {
  expect(fieldsOf(valuesOf(config, bridge))["routes.0.exclude.1"]).toBe("routes.0.exclude");
});
