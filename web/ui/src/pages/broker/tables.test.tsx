// @vitest-environment happy-dom
import { MantineProvider } from "@mantine/core";
import { cleanup, render, screen, within } from "@testing-library/react";
import type { DetachedWindowAPI } from "happy-dom";
import type { ReactNode } from "react";
import { afterEach, beforeAll, describe, expect, it } from "vitest";

import type { GivenUp, SessionStatus } from "../../api/model";
import { startTexts } from "../../i18n";
import { GivenUpTable } from "./GivenUpTable";
import { SessionTable } from "./SessionTable";

declare global {
  interface Window {
    happyDOM: DetachedWindowAPI;
  }
}

const wide = 1280;
const narrow = 390;

const session: SessionStatus = {
  id: "press-7",
  connected: false,
  protocol: "",
  since: "2026-01-02T03:04:05Z",
  expiry: 0,
  subscriptions: [],
  subscriptionCount: 0,
  queue: { messages: 3, bytes: 30, dropped: 0 },
  inflight: 0,
  received: 0,
  sent: 0,
};

const line: GivenUp = {
  session: "press-7",
  reason: "queue-age",
  topic: "plant/tank",
  messages: 1234,
  bytes: 2048,
  first: "2026-01-02T03:04:05Z",
  last: "2026-01-02T03:06:05Z",
};

function show(table: ReactNode, width = wide) {
  window.happyDOM.setViewport({ width });
  render(<MantineProvider>{table}</MantineProvider>);
}

beforeAll(startTexts);
afterEach(cleanup);

describe.each([wide, narrow])("the sessions, %i pixels wide", (width) => {
  it("are clients, connected or away", () => {
    show(<SessionTable sessions={[session]} onOpen={() => undefined} />, width);
    expect(screen.getByText("press-7")).toBeTruthy();
    expect(screen.getByText("Away")).toBeTruthy();
    expect(screen.queryByText(/^MQTT/)).toBeNull();
  });

  it("have the queues of shared subscriptions, which are no clients", () => {
    show(<SessionTable sessions={[{ ...session, id: "$share/crew/plant/#", protocol: "internal" }]} onOpen={() => undefined} />, width);
    expect(screen.getByText("plant/#")).toBeTruthy();
    expect(screen.getByText("Queue of a shared subscription · group crew")).toBeTruthy();
    expect(screen.queryByText("Away")).toBeNull();
  });
});

describe("what was given up", () => {
  it("is a table where there is room", () => {
    show(<GivenUpTable lines={[line]} />);
    const row = within(screen.getByRole("table")).getAllByRole("row")[1];
    expect(row?.textContent).toMatch(/press-7.*Waited too long.*plant\/tank.*1,234/);
  });

  it("is cards on a phone", () => {
    show(<GivenUpTable lines={[line, { ...line, session: "$share/crew/plant/#", topic: "", messages: 1 }]} />, narrow);
    expect(screen.queryByRole("table")).toBeNull();
    expect(screen.getByText(/^1,234 messages/)).toBeTruthy();
    expect(screen.getByText(/^1 message ·/)).toBeTruthy();
    expect(screen.getByText("Queue of a shared subscription · group crew")).toBeTruthy();
    expect(screen.getByText("others, or not known")).toBeTruthy();
  });
});
