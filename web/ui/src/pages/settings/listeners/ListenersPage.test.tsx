// @vitest-environment happy-dom
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeAll, expect, it, vi } from "vitest";

import type { Config, Listener, ListenerStatus } from "../../../api/model";
import { startTexts } from "../../../i18n";
import { ListenerDrawer } from "./ListenerDrawer";
import { ListenerList } from "./ListenerList";

const plain: Listener = { id: "lan", kind: "tcp", address: ":1883" };
const status: ListenerStatus = {
  id: "lan",
  state: "down",
  reason: "open :1883: the address is taken",
  since: "2026-01-02T03:04:05Z",
  address: ":1883",
  exposed: true,
  anonymous: false,
  clients: 0,
};

beforeAll(startTexts);
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it("shows why a listener is not open, what to do, and who can read along", () => {
  render(
    <MantineProvider>
      <ListenerList listeners={[plain]} status={[status]} onEdit={vi.fn()} onDelete={vi.fn()} />
    </MantineProvider>,
  );
  expect(screen.getByText(/the address is taken\..*choose another port here/)).toBeTruthy();
  expect(screen.getByText("Unencrypted in the network")).toBeTruthy();
  expect(screen.getByText("Down")).toBeTruthy();
});

it("opens an unencrypted address to the network only when that is confirmed", async () => {
  const fetched = vi.fn<typeof fetch>(() => Promise.resolve(Response.json({ revision: 8, listener: plain })));
  vi.stubGlobal("fetch", fetched);
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MantineProvider env="test">
        <ListenerDrawer config={{ revision: 7 } as Config} listener={{ ...plain, address: "127.0.0.1:1883" }} onClose={vi.fn()} />
      </MantineProvider>
    </QueryClientProvider>,
  );
  fireEvent.change(screen.getByRole("textbox", { name: "Address" }), { target: { value: ":1883" } });
  fireEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText(/Choose a transport with TLS/)).toBeTruthy();
  expect(fetched).not.toHaveBeenCalled();
  fireEvent.click(screen.getByRole("checkbox", { name: "Open it without encryption all the same" }));
  fireEvent.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(fetched).toHaveBeenCalled());
});
