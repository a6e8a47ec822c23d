// Every page, light and dark, against the rules of WCAG 2.2 AA that a program can check. That no request leaves
// the gateway and the console stays clean is watched in every test (tidegate.ts).
import { expectAccessible, expectGoodPages, expectNoSidewaysScrolling } from "./accessible";
import { expect, gatewayOfFile, open, test } from "./tidegate";

const gateway = gatewayOfFile();

test("set-up", async ({ page }) => {
  await open(page, gateway(), "/setup");
  await expect(page.getByRole("heading", { name: "Set up this gateway" })).toBeVisible();
  await expectAccessible(page);
});

test("login", async ({ page }) => {
  await open(page, gateway(), "/login");
  await expect(page.getByRole("heading", { name: "Log in" })).toBeVisible();
  await expectAccessible(page);
});

const pages = [
  { path: "/", shows: "Everything works." },
  { path: "/devices", shows: "Tank 1" },
  { path: "/points?device=tank", shows: "Temperature" },
  { path: "/bridges", shows: "Forwarded" },
  { path: "/bridges/cloud", shows: "Course of the backlog" },
  { path: "/broker", shows: "Connected" },
  { path: "/diagnostics?tab=value&device=tank&point=temperature", shows: "Latest value" },
  { path: "/diagnostics?tab=frames&connection=plc-net", shows: "Read Input Registers" },
  { path: "/diagnostics?tab=logs", shows: "Level" },
  { path: "/diagnostics?tab=system", shows: "Network" },
  { path: "/help", shows: "Pull the cable" },
  { path: "/reference", shows: "/api/v1/devices/test" },
];

test("every page", async ({ page }) => {
  test.slow();
  await expectGoodPages(page, gateway(), pages);
});

test("chart of points", async ({ page }) => {
  test.slow();
  await open(page, gateway(), "/charts?points=tank/temperature,tank/level,meter-1/power");
  // The first batch is written ten seconds after the start.
  await expect(page.getByRole("img", { name: /Temperature: \d+ readings.*Level: \d+ readings/ })).toBeVisible({ timeout: 25_000 });
  await page.getByRole("button", { name: "Show as a table" }).click();
  await expect(page.getByRole("table")).toBeVisible();
  await expectNoSidewaysScrolling(page);
  await expectAccessible(page, "main");
});

test("the first key leads past the menu", async ({ page }) => {
  await open(page, gateway(), "/");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
});
