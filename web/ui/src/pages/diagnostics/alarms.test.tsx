// @vitest-environment happy-dom
import { MantineProvider } from "@mantine/core";
import { cleanup, render, screen, within } from "@testing-library/react";
import { afterEach, beforeAll, expect, it } from "vitest";

import { startTexts } from "../../i18n";
import { type EndedAlarm, PastAlarmTable } from "./PastAlarmTable";

beforeAll(startTexts);
afterEach(cleanup);

const filled: EndedAlarm = {
  number: 2,
  code: "backlog_filling",
  severity: "error",
  subject: "cloud",
  detail: "more than 95 %",
  since: "2026-01-02T03:00:00Z",
  ended: "2026-01-02T03:12:00Z",
};
const parked: EndedAlarm = {
  ...filled,
  number: 1,
  code: "bridge_parked",
  severity: "warning",
  acknowledged: { by: "anna", at: "2026-01-02T03:05:00Z" },
};

function show(width: number) {
  window.happyDOM.setViewport({ width });
  render(
    <MantineProvider>
      <PastAlarmTable events={[filled, parked]} />
    </MantineProvider>,
  );
}

it("shows what came, how long it lasted and who has seen it", () => {
  show(1280);
  const [, first, second] = within(screen.getByRole("table", { name: "What happened before" })).getAllByRole("row");
  expect(first?.textContent).toMatch(/Error.*The backlog of bridge cloud fills up.*more than 95 %.*after 12 min.*Nobody acknowledged it/);
  expect(second?.textContent).toMatch(/Warning.*The other broker of bridge cloud refuses messages.*Acknowledged by anna/);
});

it("has a card for each on a phone", () => {
  show(390);
  const [first, second] = within(screen.getByRole("list", { name: "What happened before" })).getAllByRole("listitem");
  expect(first?.textContent).toMatch(/fills up.*Began.*Ended.*after 12 min.*Nobody acknowledged it/);
  expect(second?.textContent).toContain("Acknowledged by anna");
});
