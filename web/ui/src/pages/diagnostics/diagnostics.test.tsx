// @vitest-environment happy-dom
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, expect, it, vi } from "vitest";

import type { LogLine, System } from "../../api/model";
import { startTexts } from "../../i18n";
import { chosen, textOf } from "./lines";
import { SystemView } from "./SystemView";

const system: System = {
  hostname: "gate",
  architecture: "arm64",
  goVersion: "go1.26",
  cpu: { count: 4, used: 0.25, load5: 0.5 },
  disk: { path: "/data", total: 64_000_000_000, free: 48_000_000_000, device: "mmcblk0p2" },
  temperatures: [
    { sensor: "gpu", celsius: 40 },
    { sensor: "cpu-thermal", celsius: 61.4 },
  ],
  clock: { now: "2026-01-02T03:04:05Z", synchronised: false, zone: "CET", offsetSeconds: 3600 },
  network: [{ name: "eth0", up: true, addresses: ["10.0.0.5/24"] }],
};

const line = (level: LogLine["level"], message: string): LogLine => ({ number: 1, time: "2026-01-02T03:04:05Z", level, message, attributes: "bridge=Cloud" });

beforeAll(startTexts);
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it("shows the machine, the hottest sensor first, and leaves out what it does not say", async () => {
  vi.stubGlobal("fetch", () => Promise.resolve(Response.json(system)));
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MantineProvider>
        <SystemView />
      </MantineProvider>
    </QueryClientProvider>,
  );
  expect(await screen.findByText("48 GB")).toBeTruthy();
  expect(screen.getByText("25 %")).toBeTruthy();
  expect(screen.getByText("61")).toBeTruthy();
  expect(screen.getByText("Not set by a time server")).toBeTruthy();
  expect(screen.queryByText("Memory used")).toBeNull();
  expect(screen.queryByText("Model")).toBeNull();
});

it("chooses lines of the log by level and text", () => {
  const lines = [line("info", "up"), line("warn", "down"), line("error", "full")];
  expect(chosen(lines, "warn", "").map(({ message }) => message)).toEqual(["down", "full"]);
  expect(chosen(lines, "debug", " CLOUD ")).toHaveLength(3);
  expect(chosen(lines, "info", "full")).toHaveLength(1);
  expect(textOf(line("warn", "down"))).toBe("2026-01-02T03:04:05Z WARN down bridge=Cloud");
});
