// @vitest-environment happy-dom
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, beforeAll, expect, it, vi } from "vitest";

import type { Bridge, BridgePreset, BridgeTest, Config } from "../../api/model";
import { startTexts } from "../../i18n";
import { TryConnection } from "./TryConnection";
import { valuesOf, withPreset } from "./values";

const aws: BridgePreset = {
  id: "aws",
  name: "AWS",
  fields: { url: "mqtts://YOUR-ENDPOINT:8883" },
  rules: [{ rule: "maxQoS", value: 1, source: "" }],
};

const test: BridgeTest = {
  passed: false,
  server: "cloud.example:8883",
  clientId: "test",
  steps: [
    { step: "dns", outcome: "passed", ms: 12, message: "1 address" },
    { step: "tls", outcome: "failed", ms: 3, message: "the certificate has expired", detail: "x509: expired" },
    { step: "login", outcome: "skipped", ms: 0, message: "after a failure" },
  ],
};

beforeAll(startTexts);
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it("begins anew with what a preset says, at a QoS that the cloud takes", () => {
  const values = valuesOf({ name: "gate", bridges: [], devices: [] } as unknown as Config, undefined);
  const routes = values.routes.map((route) => ({ ...route, qos: 2 }));
  const chosen = withPreset({ ...values, routes }, "aws", [aws]);
  expect(chosen).toMatchObject({ preset: "aws", url: "mqtts://YOUR-ENDPOINT:8883", username: "" });
  expect(chosen.routes.map(({ qos }) => qos)).toEqual([1]);
  expect(withPreset(chosen, "", [aws])).toMatchObject({ preset: "", url: chosen.url });
});

it("tries a connection step by step, with what to think of beside it", async () => {
  const check = { problems: [], warnings: [{ field: "bridge.pace", message: "the backlog grows" }] };
  vi.stubGlobal("fetch", (request: Request) => Promise.resolve(Response.json(request.url.endsWith("/check") ? check : test)));
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MantineProvider>
        <TryConnection order={() => ({ revision: 1, bridge: { id: "a" } as Bridge })} />
      </MantineProvider>
    </QueryClientProvider>,
  );
  fireEvent.click(screen.getByRole("button", { name: "Test the connection" }));
  const steps = within(await screen.findByRole("status", { name: "Result of the test" })).getAllByRole("listitem");
  expect(steps.map((step) => step.textContent)).toEqual([
    expect.stringMatching(/Passed.*Name.*12 ms/),
    expect.stringMatching(/Failed.*TLS.*has expired.*x509/),
    expect.stringMatching(/Skipped.*Login/),
  ]);
  expect(await screen.findByText("the backlog grows")).toBeTruthy();
});
