// @vitest-environment happy-dom
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { type ReactNode, useState } from "react";
import { afterEach, beforeAll, expect, it, vi } from "vitest";

import type { Config, ProfilePreview, ProfileSummary } from "../../api/model";
import { startTexts } from "../../i18n";
import { NameStep } from "./NameStep";
import { matching } from "./ProfilesPage";
import { Seen } from "./Seen";
import { SourceFacts } from "./SourceFacts";
import { Units } from "./Units";
import type { Wizard } from "./wizard";

beforeAll(startTexts);
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const show = (children: ReactNode) =>
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={new QueryClient()}>{children}</QueryClientProvider>
    </MantineProvider>,
  );

const wizard: Wizard = {
  connection: { id: "bus", name: "Bus", url: "tcp://10.0.0.1:502", timeout: "1s" },
  changed: true,
  units: "1-30",
  found: [],
  identified: undefined,
  choice: "meter",
  pattern: "Meter {unit}",
  scanClass: "normal",
};

it("names the devices and topics that an upload changes", () => {
  const preview: ProfilePreview = {
    revision: 7,
    profile: { id: "mine", version: 2 },
    name: "My meter",
    devices: ["m1", "m2"],
    appear: Array.from({ length: 12 }, (_, index) => `site/m1/new-${index}`),
    vanish: ["site/m1/old"],
    changes: [],
  };
  show(<Seen preview={preview} />);
  const seen = screen.getByTestId("seen").textContent ?? "";
  expect(seen).toContain("My meter, version 2");
  expect(seen).toContain("2 devices change: m1, m2");
  expect(seen).toContain("site/m1/old");
  expect(seen).toContain("site/m1/new-9");
  expect(seen).not.toContain("site/m1/new-10");
  expect(seen).toContain("and 2 more");
});

it("says how far a profile can be trusted", () => {
  show(<SourceFacts profile={{ source: { document: "Manual", page: "7" }, checked: "document", vectors: 0 }} />);
  expect(document.body.textContent).toContain("Checked against the document");
  expect(document.body.textContent).toContain("0 proven values");
  expect(document.body.textContent).toContain("Manual, 7");
});

it("finds profiles by words in any order", () => {
  const profiles = [
    { id: "a", name: "Eastron SDM630", manufacturer: "Eastron", models: ["SDM630-Modbus V2"] },
    { id: "b", name: "ABB meters", manufacturer: "ABB", models: ["B23"] },
  ] as unknown as ProfileSummary[];
  expect(matching(profiles, "v2 eastron").map((one) => one.id)).toEqual(["a"]);
  expect(matching(profiles, "b23").map((one) => one.id)).toEqual(["b"]);
  expect(matching(profiles, "  ")).toHaveLength(2);
});

it("lists what will be added before it is", () => {
  const config = { revision: 7, devices: [], scanClasses: [{ id: "normal", interval: "1s" }] } as unknown as Config;
  show(<NameStep config={config} wizard={wizard} onChange={() => undefined} />);
  const list = screen.getByTestId("will-be").textContent ?? "";
  expect(list).toContain("Meter 1 meter-1");
  expect(list).not.toContain("Meter 9");
  expect(document.body.textContent).toContain("and 22 more");
});

function Step() {
  const [state, setState] = useState(wizard);
  return <Units connection={() => wizard.connection} wizard={state} onChange={(part) => setState((old) => ({ ...old, ...part }))} />;
}

it("takes the units that answer, and refuses what is no list of numbers", async () => {
  const found = [{ unit: 2, answer: "holding:0 is 7" }, { unit: 3, answer: "holding:0 is 8" }];
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(JSON.stringify(found), { headers: { "Content-Type": "application/json" } })));
  show(<Step />);
  const units = screen.getByLabelText<HTMLInputElement>("Units");
  fireEvent.change(units, { target: { value: "1-" } });
  expect(document.body.textContent).toContain("Use numbers from 0 to 255");
  await act(async () => {
    fireEvent.click(screen.getByRole("button", { name: "Search" }));
    await vi.waitFor(() => expect(units.value).toBe("2-3"));
  });
  fireEvent.click(screen.getByLabelText("Unit 3: holding:0 is 8"));
  expect(units.value).toBe("2");
});
