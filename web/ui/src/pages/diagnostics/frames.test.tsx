// @vitest-environment happy-dom
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, expect, it, vi } from "vitest";

import { useFrames } from "../../api/frames";
import type { Frame } from "../../api/model";
import { chooseLanguage, startTexts } from "../../i18n";
import { textOfBytes } from "./frame";
import { FrameList } from "./FrameList";

const request: Frame = {
  number: 12,
  time: "2026-01-02T03:04:05.123Z",
  sent: true,
  bytes: "010300640001c5d5",
  modbus: { unit: 1, function: 3, name: "Read Holding Registers", address: "holding:100", quantity: 2, checksum: "right" },
};
const reply: Frame = {
  ...request,
  number: 30,
  sent: false,
  bytes: "010304",
  milliseconds: 12.34,
  modbus: { unit: 1, function: 3, name: "Read Holding Registers", address: "holding:100", quantity: 20, values: Array.from({ length: 20 }, (_, n) => n) },
};
const damaged: Frame = { number: 40, time: request.time, sent: false, bytes: "ff00", problem: "noise", detail: "bytes that make no frame" };
const refused: Frame = { ...reply, number: 50, milliseconds: undefined, modbus: { unit: 1, function: 3, name: "Read Holding Registers", exception: 2, exceptionText: "illegal data address" } };

beforeAll(startTexts);
afterEach(async () => {
  cleanup();
  await chooseLanguage("en");
  vi.unstubAllGlobals();
});

function show(frames: readonly Frame[]) {
  render(
    <MantineProvider>
      <FrameList frames={frames} follow />
    </MantineProvider>,
  );
  return screen.getByRole("log").textContent ?? "";
}

it("shows what a frame says beside its bytes, and why one was dropped", () => {
  const text = show([request, reply, damaged, refused]);
  expect(text).toContain("Unit 1 Read Holding Registers holding:100 × 2");
  expect(text).toContain("01 03 00 64 00 01 c5 d5");
  expect(text).toContain("checksum right");
  expect(text).toContain("= 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 … 20 values");
  expect(text).toContain("12.3 ms");
  expect(text).toContain("Noise");
  expect(text).toContain("bytes that make no frame");
  expect(text).toContain("Exception 2: illegal data address");
});

it("speaks German", async () => {
  await chooseLanguage("de");
  expect(show([request, damaged])).toContain("Störung");
});

it("shows lines of text as text", () => {
  expect(textOfBytes("532053203132206b670d0a00")).toBe("S S 12 kg·");
});

function Shown() {
  const frames = useFrames("bus", { unit: -1, function: -1, problems: false }, false);
  return (
    <button type="button" onClick={() => void frames.refetch()}>
      {frames.data?.frames.map(({ number }) => number).join(" ")}
    </button>
  );
}

it("asks for the frames behind those that are shown", async () => {
  const asked: string[] = [];
  vi.stubGlobal("fetch", (sent: Request) => {
    const since = new URL(sent.url).searchParams.get("since") ?? "";
    asked.push(since);
    return Promise.resolve(Response.json({ frames: [since === "0" ? request : reply], next: since === "0" ? 12 : 30, overwritten: 0 }));
  });
  render(
    <QueryClientProvider client={new QueryClient()}>
      <Shown />
    </QueryClientProvider>,
  );
  (await screen.findByText("12")).click();
  expect(await screen.findByText("12 30")).toBeTruthy();
  expect(asked).toEqual(["0", "12"]);
});
