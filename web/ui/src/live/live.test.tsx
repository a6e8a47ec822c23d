// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";

import { LiveProvider, useValue } from "./live";

class Source extends EventTarget {
  static latest: Source | undefined;
  readyState = 1;

  constructor() {
    super();
    Source.latest = this;
  }

  close() {
    this.readyState = 2;
  }
}

const drawn: string[] = [];

function Cell({ point }: { point: string }) {
  const reading = useValue("tank", point);
  drawn.push(point);
  return <output aria-label={point}>{String(reading?.value)}</output>;
}

function send(...values: [string, number][]) {
  const readings = values.map(([point, value]) => ({ point: { device: "tank", point }, value, quality: "good", time: "2026-01-02T03:04:05Z" }));
  act(() => {
    Source.latest?.dispatchEvent(new MessageEvent("values", { data: JSON.stringify(readings) }));
  });
}

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it("draws the cell of a changed point and no other", () => {
  vi.stubGlobal("EventSource", Source);
  render(
    <QueryClientProvider client={new QueryClient()}>
      <LiveProvider enabled>
        <Cell point="level" />
        <Cell point="flow" />
      </LiveProvider>
    </QueryClientProvider>,
  );
  send(["level", 1], ["flow", 2]);
  expect(screen.getByLabelText("flow").textContent).toBe("2");
  drawn.length = 0;
  send(["level", 3]);
  expect(screen.getByLabelText("level").textContent).toBe("3");
  expect(new Set(drawn)).toEqual(new Set(["level"]));
});
