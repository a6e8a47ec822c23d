// @vitest-environment happy-dom
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, expect, it, vi } from "vitest";

import type { SerialPort } from "../../api/model";
import { startTexts } from "../../i18n";
import { SerialPortField } from "./SerialPortField";

const used: SerialPort = { path: "/dev/serial/by-id/usb-FTDI", device: "/dev/ttyUSB0", product: "FT232R", serial: "A502", connection: "meters", present: true };
const twin = (place: number): SerialPort => ({
  path: `/dev/serial/by-path/usb-${place}`,
  byPath: `/dev/serial/by-path/usb-${place}`,
  device: `/dev/ttyUSB${place}`,
  product: "USB Serial",
  twin: true,
  present: true,
});
const gone: SerialPort = { path: "/dev/serial/by-id/usb-Prolific", connection: "boiler", present: false };

beforeAll(startTexts);
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function show(path: string) {
  const onChange = vi.fn<(path: string) => void>();
  vi.stubGlobal("fetch", () => Promise.resolve(Response.json([used, twin(1), twin(2), gone])));
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MantineProvider>
        <SerialPortField value={path} onChange={onChange} />
      </MantineProvider>
    </QueryClientProvider>,
  );
  return onChange;
}

it("puts a spare adapter in the place of one that is gone with one click, and tells twins by their place", async () => {
  const onChange = show(gone.path);
  (await screen.findByRole("button", { name: "Use /dev/ttyUSB2, USB Serial, usb-2" })).click();
  expect(onChange).toHaveBeenCalledWith("/dev/serial/by-path/usb-2");
  expect(screen.getByText(/place where it is plugged in/)).toBeTruthy();
  expect(screen.queryByRole("button", { name: /FT232R/ })).toBeNull();
});

it("names the adapter of a port that is there", async () => {
  show("/dev/serial/by-id/usb-FTDI");
  expect(await screen.findAllByText("/dev/ttyUSB0, FT232R, A502")).not.toHaveLength(0);
  expect(screen.queryByRole("button", { name: /^Use / })).toBeNull();
});
