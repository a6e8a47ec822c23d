// Every page and form, light and dark, against the rules of WCAG 2.2 AA that a program can check. That no request leaves
// the gateway and the console stays clean is watched in every test (tidegate.ts).
import { type Page } from "@playwright/test";

import { expectAccessible } from "./accessible";
import { expect, gatewayOfFile, open, signIn, test } from "./tidegate";

const gateway = gatewayOfFile();

async function expectNoSidewaysScrolling(page: Page): Promise<void> {
  const excess = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(excess, `${page.url()} is wider than the screen`).toBeLessThanOrEqual(0);
}

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
  { path: "/broker", shows: "Connected" },
];

const settings = [
  { path: "/settings", shows: "Save everything in one file" },
  { path: "/settings/users", shows: "This one" },
  { path: "/settings/mqtt", shows: "No MQTT users yet" },
  { path: "/settings/tokens", shows: "No tokens yet" },
  { path: "/settings/revisions?revision=2", shows: "Export as YAML" },
  { path: "/settings/audit", shows: "Set up the gateway" },
  { path: "/settings/backup", shows: "Restore a backup" },
];

/** expectGoodPages looks at pages one after the other: one log-in for all of them. */
async function expectGoodPages(page: Page, list: typeof pages): Promise<void> {
  await signIn(page, gateway());
  for (const { path, shows } of list) {
    await test.step(path, async () => {
      await open(page, gateway(), path);
      await expect(page.getByText(shows).first()).toBeVisible();
      await expectNoSidewaysScrolling(page);
      // The frame around the pages is the same for all of them.
      await expectAccessible(page, path === "/" ? "html" : "main");
    });
  }
}

test("every page", async ({ page }) => {
  test.slow();
  await expectGoodPages(page, pages);
});

test("every page of the settings", async ({ page }) => {
  test.slow();
  await expectGoodPages(page, settings);
});

const forms = [
  { path: "/devices?edit=tank", title: "Edit Tank 1" },
  { path: "/points?device=tank&edit=tank%2Ftemperature", title: "Edit Temperature" },
  { path: "/bridges?edit=cloud", title: "Edit Cloud" },
  { path: "/settings/users?edit=anna", title: "Edit anna" },
  { path: "/settings/mqtt?edit=%2B", title: "Add an MQTT user" },
  { path: "/settings/tokens?edit=%2B", title: "Add a token" },
];

test("every form", async ({ page }) => {
  test.slow();
  await signIn(page, gateway());
  for (const { path, title } of forms) {
    await test.step(title, async () => {
      await open(page, gateway(), path);
      await expect(page.getByRole("dialog", { name: title })).toBeVisible();
      await expectAccessible(page, "[role=dialog]");
    });
  }
});

test("chart of a point", async ({ page }) => {
  test.slow();
  await open(page, gateway(), "/points?device=tank&chart=tank%2Ftemperature");
  const dialog = page.getByRole("dialog", { name: "Chart of Temperature" });
  await expect(dialog.getByRole("img", { name: /readings from/ })).toBeVisible({ timeout: 25_000 });
  await dialog.getByRole("button", { name: "Show as a table" }).click();
  await expect(dialog.getByRole("table")).toBeVisible();
  await expectNoSidewaysScrolling(page);
  await expectAccessible(page, "[role=dialog]");
});

test("the first key leads past the menu", async ({ page }) => {
  await open(page, gateway(), "/");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
});
