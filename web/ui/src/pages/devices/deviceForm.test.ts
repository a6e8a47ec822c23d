import { describe, expect, it } from "vitest";

import type { Config } from "../../api/model";
import { connectionOf, deviceOf, valuesOf } from "./deviceForm";

const config: Config = {
  revision: 7,
  name: "plant",
  scanClasses: [{ id: "normal", interval: "1s" }],
  connections: [{ id: "line", name: "Line", url: "rtu:///dev/ttyUSB0?baud=9600", timeout: "1s" }],
  devices: [{ id: "meter", name: "Meter", connection: "line", unit: 2, scanClass: "normal", points: [], quirks: { maxRegisters: 30 } }],
  bridges: [],
  listeners: [],
};

describe("the form of a device", () => {
  it("sends back what it was made of", () => {
    const device = config.devices[0];
    const values = valuesOf(config, device);
    expect(connectionOf(config, values)).toEqual({ connection: config.connections[0], changed: false });
    expect(deviceOf(values, "line", device, [])).toEqual(device);
  });

  it("uses the connection that has this address already: one wire has one connection", () => {
    const values = { ...valuesOf(config, undefined), protocol: "rtu" as const, overNetwork: false, path: "/dev/ttyUSB0" };
    expect(connectionOf(config, values).connection.id).toBe("line");
  });

  it("keeps an address that it cannot write itself", () => {
    const url = "rtu+listen://:9000?id=pump";
    const other = { ...config, connections: [{ id: "line", name: "Line", url, timeout: "1s" }] };
    const { connection } = connectionOf(other, { ...valuesOf(other, config.devices[0]), timeout: "2s" });
    expect(connection).toMatchObject({ url, timeout: "2s" });
  });

  it("does not change a connection whose address was typed again", () => {
    const slow = { ...config, connections: [{ id: "line", name: "Line", url: "rtu:///dev/ttyUSB0?baud=9600", timeout: "3s", staleAfter: 7 }] };
    const values = { ...valuesOf(slow, undefined), protocol: "rtu" as const, overNetwork: false, path: "/dev/ttyUSB0" };
    expect(connectionOf(slow, values)).toEqual({ connection: slow.connections[0], changed: false });
  });

  it("knows the habits of a device and of its wire, and leaves out what is usual", () => {
    const habits = { ...valuesOf(config, config.devices[0]), staleAfter: 5, closeAfterPoll: true, anyUnit: true, addressBase: "1", maxRegisters: "" as const };
    expect(connectionOf(config, habits)).toMatchObject({ changed: true, connection: { staleAfter: 5, quirks: { closeAfterPoll: true } } });
    expect(deviceOf(habits, "line", config.devices[0], []).quirks).toEqual({ anyUnit: true, addressBase: 1 });
    expect(deviceOf(valuesOf(config, undefined), "line", undefined, []).quirks).toBeUndefined();
  });

  it("names a new connection after its place", () => {
    const { connection, changed } = connectionOf(config, { ...valuesOf(config, undefined), host: "10.0.0.5" });
    expect(changed).toBe(true);
    expect(connection).toMatchObject({ id: "10-0-0-5-502", url: "tcp://10.0.0.5:502" });
  });

  it("changes the address of the connection in use", () => {
    const values = { ...valuesOf(config, config.devices[0]), baud: 19_200 };
    const { connection, changed } = connectionOf(config, values);
    expect(changed).toBe(true);
    expect(connection).toMatchObject({ id: "line", url: "rtu:///dev/ttyUSB0?baud=19200&parity=N&data=8&stop=1" });
  });
});
