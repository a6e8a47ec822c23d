// @vitest-environment happy-dom
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeAll, expect, it, vi } from "vitest";

import type { Certificate } from "../../../api/model";
import { startTexts } from "../../../i18n";
import { CertificateDrawer } from "./CertificateDrawer";
import { CertificateList } from "./CertificateList";

const found: Certificate = {
  kind: "uploaded",
  id: "plant",
  subject: "CN=gate.plant.example",
  issuer: "CN=Plant CA",
  names: ["gate.plant.example"],
  notBefore: "2026-01-02T03:04:05Z",
  notAfter: "2026-02-02T03:04:05Z",
  daysLeft: 12,
  fingerprint: "AB:CD",
  key: "ECDSA P-256",
  chain: [],
  listeners: [],
  usedBy: [],
};

beforeAll(startTexts);
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it("shows what is in a file before anything is taken", async () => {
  const asked: string[] = [];
  vi.stubGlobal("fetch", (request: Request) => {
    asked.push(new URL(request.url).pathname);
    return Promise.resolve(Response.json(found));
  });
  const { container } = render(
    <QueryClientProvider client={new QueryClient()}>
      <MantineProvider env="test">
        <CertificateDrawer listeners={[]} certificate={undefined} onClose={vi.fn()} />
      </MantineProvider>
    </QueryClientProvider>,
  );
  const drop = (await screen.findAllByText("or drop it here"))[0]?.parentElement ?? container;
  fireEvent.drop(drop, { dataTransfer: { files: [new File(["cert"], "plant.pem")] } });
  expect(await screen.findByText("CN=Plant CA")).toBeTruthy();
  expect(asked).toEqual(["/api/v1/certificates/check"]);
  fireEvent.change(screen.getByRole("textbox", { name: "Id" }), { target: { value: "plant" } });
  fireEvent.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(asked).toEqual(["/api/v1/certificates/check", "/api/v1/certificates"]));
});

it("warns of what ends soon, and lets only uploaded ones be changed", () => {
  const { id: _, ...own } = { ...found, kind: "own" as const, daysLeft: -1, usedBy: ["page"] };
  render(
    <MantineProvider>
      <CertificateList certificates={[own, found]} onEdit={vi.fn()} onDelete={vi.fn()} />
    </MantineProvider>,
  );
  expect(screen.getByText("Expired")).toBeTruthy();
  expect(screen.getByText("12 days left")).toBeTruthy();
  expect(screen.getByText("shown by the page")).toBeTruthy();
  expect(screen.getAllByRole("button").map((button) => button.getAttribute("aria-label"))).toEqual(["Edit plant", "Delete plant"]);
});
