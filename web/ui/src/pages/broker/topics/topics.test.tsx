// @vitest-environment happy-dom
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeAll, expect, it, vi } from "vitest";

import type { BrokerMessage } from "../../../api/model";
import { startTexts } from "../../../i18n";
import { base64Of } from "../../../lib/payload";
import { PayloadView } from "./PayloadView";
import { PublishDrawer } from "./PublishDrawer";
import { TopicTree } from "./TopicTree";

const message = (topic: string, payload: Uint8Array, size = payload.length): BrokerMessage => ({ topic, payload: base64Of(payload), size, qos: 1, retain: true });

function show(content: ReactNode) {
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <MantineProvider env="test">{content}</MantineProvider>
    </QueryClientProvider>,
  );
}

beforeAll(startTexts);
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const level = (name: string, below: number) => ({ name, below, retained: below === 0, size: 4, preview: below === 0 ? "21.5" : "" });

it("asks for the levels of a topic when they are opened, and for more of them when they are wanted", async () => {
  const asked: string[] = [];
  vi.stubGlobal("fetch", (request: Request) => {
    const query = new URL(request.url).searchParams;
    asked.push(query.toString());
    const prefix = query.get("prefix") ?? "";
    return Promise.resolve(Response.json(prefix === "" ? { total: 1, levels: [level("plant", 150)] } : { total: 150, levels: [level(`tank-${query.get("offset")}`, 0)] }));
  });
  const select = vi.fn();
  show(<TopicTree typed="" selected="" onSelect={select} />);
  fireEvent.click(await screen.findByRole("button", { name: "Levels below plant" }));
  fireEvent.click(await screen.findByRole("button", { name: /tank-0\s*21.5/ }));
  expect(select).toHaveBeenCalledWith("plant/tank-0");
  fireEvent.click(screen.getByRole("button", { name: /Show more/ }));
  expect(await screen.findByRole("button", { name: /tank-100/ })).toBeTruthy();
  expect(asked).toEqual(["prefix=&search=&offset=0&limit=100", "prefix=plant%2F&search=&offset=0&limit=100", "prefix=plant%2F&search=&offset=100&limit=100"]);
});

it("finds a topic by what is typed of it", async () => {
  const asked: string[] = [];
  vi.stubGlobal("fetch", (request: Request) => {
    asked.push(new URL(request.url).searchParams.toString());
    return Promise.resolve(Response.json({ total: 0, levels: [] }));
  });
  show(<TopicTree typed="plant/hall/pu" selected="" onSelect={() => undefined} />);
  expect(await screen.findByText("No level here has this in its name.")).toBeTruthy();
  expect(asked).toEqual(["prefix=plant%2Fhall%2F&search=pu&offset=0&limit=100"]);
});

it("shows a payload as what it is, and in other ways", () => {
  show(<PayloadView message={message("plant/tank", new TextEncoder().encode('{"v":21.50}'))} />);
  expect(screen.getByRole("region", { name: "Payload" }).textContent).toBe('{\n  "v": 21.50\n}');
  fireEvent.click(screen.getByText("Hex"));
  expect(screen.getByRole("region", { name: "Payload" }).textContent).toContain("7b 22 76 22");
});

it("shows the metrics of Sparkplug, says what it cannot read, and where it was cut", () => {
  show(<PayloadView message={message("spBv1.0/plant/NDATA/edge", new Uint8Array([0x12, 0x07, 0x0a, 0x01, 0x61, 0x20, 0x07, 0x50, 0x05, 0x18, 0x0c]))} />);
  expect(screen.getByRole("row", { name: /a UInt32 5/ })).toBeTruthy();
  cleanup();
  show(<PayloadView message={message("spBv1.0/plant/NDATA/edge", new Uint8Array([0x12, 0x07]), 2000)} />);
  expect(screen.getByText("This is no complete payload of Sparkplug B.")).toBeTruthy();
  expect(screen.getByText("The first 2 B of 2 KB.")).toBeTruthy();
});

function submit() {
  fireEvent.click(screen.getByRole("button", { name: "Publish" }));
}

it("publishes bytes, and asks before a retained message is removed", async () => {
  const sent: unknown[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    sent.push(await request.json());
    return new Response(null, { status: 204 });
  });
  const closed = vi.fn();
  show(<PublishDrawer topic="plant/pump" onClose={closed} />);
  fireEvent.click(screen.getByText("Hex"));
  fireEvent.change(screen.getByRole("textbox", { name: "Payload" }), { target: { value: "0g" } });
  submit();
  expect(screen.getByText("These are no pairs of hexadecimal digits.")).toBeTruthy();
  fireEvent.change(screen.getByRole("textbox", { name: "Payload" }), { target: { value: "00 ff" } });
  submit();
  await waitFor(() => expect(closed).toHaveBeenCalledTimes(1));
  expect(sent).toEqual([{ topic: "plant/pump", payload: "AP8=", qos: 0, retain: false }]);

  fireEvent.change(screen.getByRole("textbox", { name: "Payload" }), { target: { value: "" } });
  fireEvent.click(screen.getByRole("switch", { name: /^Retain/ }));
  submit();
  expect(sent).toHaveLength(1);
  fireEvent.click(await screen.findByRole("button", { name: "Delete" }));
  await waitFor(() => expect(sent).toHaveLength(2));
  expect(sent[1]).toEqual({ topic: "plant/pump", qos: 0, retain: true });
});
