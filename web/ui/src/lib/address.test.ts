import { describe, expect, it } from "vitest";

import { formatAddress, parseAddress, placeOf } from "./address";

describe("addresses", () => {
  it.each([
    "tcp://192.168.0.10:502",
    "tcp://[fe80::1]:1502",
    "rtu+tcp://10.0.0.5:4001",
    "rtu+tcp://10.0.0.5:4001?echo=on",
    "tls://10.0.0.5:802",
    "rtu+udp://10.0.0.5:4001",
    "rtu+listen://0.0.0.0:9000?id=pump&from=10.8.0.0/24",
    "rtu:///dev/ttyUSB0?baud=19200&parity=E&data=8&stop=1&rs485=on",
    "rtu:///dev/ttyUSB0?baud=19200&parity=E&data=8&stop=1",
    "line:///dev/serial/by-id/usb-scale?baud=9600&parity=N&data=8&stop=1",
  ])("%s comes back as it was", (url) => {
    expect(formatAddress(parseAddress(url))).toBe(url);
  });

  it("fills in what a short address leaves open", () => {
    expect(parseAddress("tcp://plc").port).toBe(502);
    expect(parseAddress("rtu+tcp://box").port).toBe(4001);
    expect(parseAddress("rtu:///dev/ttyS0")).toMatchObject({ baud: 9600, parity: "N", data: 8, stop: 1 });
  });

  it("says in short where the wire is", () => {
    expect(placeOf("tcp://10.0.0.5:502")).toBe("10.0.0.5:502");
    expect(placeOf("tls://10.0.0.5")).toBe("10.0.0.5:802");
    expect(placeOf("rtu:///dev/ttyUSB0?baud=9600&parity=E")).toBe("/dev/ttyUSB0 · 9600 8E1");
  });
});
