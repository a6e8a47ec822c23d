// @vitest-environment happy-dom
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeAll, expect, it, vi } from "vitest";

import type { Backlog, Bridge, BridgeStatus } from "../../../api/model";
import { startTexts } from "../../../i18n";
import { BacklogFigures } from "./BacklogFigures";
import { LossesCard } from "./LossesCard";
import { PaceDialog } from "./PaceDialog";
import { ParkedList } from "./ParkedList";
import { PurgeDialog } from "./PurgeDialog";
import { StateCard } from "./StateCard";

const backlog: Backlog = {
  messages: 12_345,
  bytes: 2_500_000,
  in: { messages: 50, bytes: 9000 },
  out: { messages: 150, bytes: 27_000 },
  drainSeconds: 123,
  urgent: 0,
  parked: 0,
  dropped: 7,
  givenUp: [{ reason: "queue-age", messages: 7 }],
  limit: { used: 0.42, by: "bytes", lastsSeconds: 7200, wholeSeconds: 36_000, maxBytes: 1_000_000_000, maxMessages: 1_000_000, maxAgeSeconds: 604_800 },
};

const status: BridgeStatus = {
  id: "cloud",
  state: "stalled",
  reason: "nothing was acknowledged for 60 s",
  since: "2026-01-02T03:04:05Z",
  backlog,
  forwarded: 1,
  received: 0,
  possiblyTwice: 3,
  historical: 0,
  takenOver: 0,
  circles: 0,
  refused: 0,
};

const bridge = { id: "cloud", name: "Cloud", url: "mqtts://cloud.example", routes: [] } as Bridge;

function show(part: ReactNode) {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MantineProvider>{part}</MantineProvider>
    </QueryClientProvider>,
  );
}

beforeAll(startTexts);
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it("says how much waits, how it moves and how long there is room", () => {
  show(<BacklogFigures backlog={backlog} />);
  for (const text of ["12,345", "2.5 MB", "50", "150", "2 min", "2 hr"]) {
    expect(screen.getByText(text)).toBeTruthy();
  }
  expect(screen.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("42");
  expect(screen.getByText(/nearest bound is that of bytes/)).toBeTruthy();
});

it("says the state with its reason, and what the others mean", () => {
  show(<StateCard status={status} />);
  expect(screen.getByText("nothing was acknowledged for 60 s")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "What the states mean" }));
  const present = screen.getAllByRole("listitem").filter((item) => item.getAttribute("aria-current") === "step");
  expect(present).toHaveLength(1);
  expect(present[0]?.textContent).toMatch(/Stalled.*acknowledges nothing/);
});

it("counts losses by reason, and what may arrive twice", () => {
  show(<LossesCard status={status} />);
  expect(screen.getByText("Waited too long: 7 messages")).toBeTruthy();
  expect(screen.getByText("Possibly twice: 3 messages")).toBeTruthy();
});

it("purges only after the name was typed", async () => {
  const sent = vi.fn(() => Promise.resolve(Response.json({ removed: 5, left: 1 })));
  vi.stubGlobal("fetch", sent);
  const closed = vi.fn();
  show(<PurgeDialog bridge={bridge} waiting={6} onClose={closed} />);
  const button = screen.getByRole("button", { name: "Purge" });
  expect(button.hasAttribute("disabled")).toBe(true);
  fireEvent.change(screen.getByRole("textbox", { name: "Type Cloud to confirm" }), { target: { value: "Cloud" } });
  fireEvent.click(button);
  await waitFor(() => expect(closed).toHaveBeenCalledOnce());
  expect(sent).toHaveBeenCalledOnce();
});

it("says how much is sent first, or how much of it is live", () => {
  show(<BacklogFigures backlog={{ ...backlog, urgent: 12 }} />);
  expect(screen.getByText("Urgent, sent before the rest: 12.")).toBeTruthy();
  cleanup();
  show(<BacklogFigures backlog={{ ...backlog, live: 45 }} />);
  expect(screen.getByText(/its share: 45\..*historical: 12,300\./)).toBeTruthy();
});

it("gives live data a share beside the caps, which stay", async () => {
  const sent = vi.fn<(request: Request) => Promise<Response>>(() => Promise.resolve(new Response(null, { status: 204 })));
  vi.stubGlobal("fetch", sent);
  const closed = vi.fn();
  show(<PaceDialog bridge={{ ...bridge, pace: { messagesPerSecond: 50 } }} onClose={closed} />);
  fireEvent.change(screen.getByRole("textbox", { name: "Share for live data" }), { target: { value: "40" } });
  fireEvent.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(closed).toHaveBeenCalledOnce());
  expect(await sent.mock.calls[0]?.[0].json()).toEqual({ messagesPerSecond: 50, liveShare: 40 });
});

it("lists refused messages with reason, time and size", () => {
  const marked = vi.fn();
  show(<ParkedList list={[{ position: 7, at: "2026-01-02T03:04:05Z", reason: "packet too large", topic: "line/a", qos: 1, bytes: 3006 }]} marked={new Set()} onMark={marked} />);
  expect(screen.getByText("packet too large")).toBeTruthy();
  expect(screen.getByText(/3 KB · QoS 1/)).toBeTruthy();
  fireEvent.click(screen.getByRole("checkbox", { name: /Select line\/a/ }));
  expect(marked).toHaveBeenCalledWith(7);
});
