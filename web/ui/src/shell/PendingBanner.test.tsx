// @vitest-environment happy-dom
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeAll, expect, it, vi } from "vitest";

import { startTexts } from "../i18n";
import { PendingBanner } from "./PendingBanner";

beforeAll(startTexts);
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it("counts down, and keeps a change over a new connection", async () => {
  const asked: string[] = [];
  vi.stubGlobal("fetch", (request: Request) => {
    const path = new URL(request.url).pathname.replace(/.*\/api\/v1/, "");
    asked.push(path);
    switch (path) {
      case "/session":
        return Promise.resolve(Response.json({ setUpDone: true, demo: false, publicView: false, user: { name: "anna", role: "administrator" } }));
      case "/changes":
        return Promise.resolve(
          Response.json(asked.includes("/changes/c/keep") ? [] : [{ id: "c", kind: "certificate", subject: "plant", author: "anna", secondsLeft: 42 }]),
        );
      default:
        // The first connection is older than the certificate.
        return Promise.resolve(
          asked.filter((one) => one === path).length === 1 ? Response.json({ code: "conflict", detail: "too old" }, { status: 409 }) : new Response(null, { status: 204 }),
        );
    }
  });
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MantineProvider>
        <PendingBanner />
      </MantineProvider>
    </QueryClientProvider>,
  );
  expect(await screen.findByText(/^Undone in 4[12] seconds/)).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Keep" }));
  await waitFor(() => expect(screen.queryByText("The page has another certificate: plant")).toBeNull());
  expect(asked.filter((path) => path === "/changes/c/keep")).toHaveLength(2);
});
