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

it("shows what came, how long it lasted and who has seen it", () => {
  render(
    <MantineProvider>
      <PastAlarmTable events={[filled, parked]} />
    </MantineProvider>,
  );
  const [, first, second] = within(screen.getByRole("table", { name: "What happened before" })).getAllByRole("row");
  expect(first?.textContent).toMatch(/Error.*The backlog of bridge cloud fills up.*more than 95 %.*after 12 min.*Nobody acknowledged it/);
  expect(second?.textContent).toMatch(/Warning.*The other broker of bridge cloud refuses messages.*Acknowledged by anna/);
});
