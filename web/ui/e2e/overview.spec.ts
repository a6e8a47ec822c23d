import { type Page } from "@playwright/test";

import { expect, gatewayOfFile, open, person, test } from "./tidegate";

const gateway = gatewayOfFile();

/** What a round of the scan makes: so much may always be on its way when the page asks. */
const oneRound = 40;

async function numberOf(page: Page): Promise<number> {
  return Number((await page.getByTestId("backlog").innerText()).replaceAll(/\D/g, ""));
}

test("a visitor sees the plant move", async ({ page }) => {
  await open(page, gateway(), "/");
  const readings = page.locator("dl").filter({ hasText: "Readings" });
  await expect(readings).toContainText(/[1-9][\d,]* since the start/);
  const before = await readings.innerText();
  await expect.poll(() => readings.innerText(), { timeout: 3000 }).not.toBe(before);
  await expect(page.getByRole("img", { name: /devices are up and give [\d.,]+ readings per second/ })).toBeVisible();
  await expect(page.getByText("Everything works.")).toBeVisible();
});

test("a gateway that falls silent is said, and so is its return", async ({ page }) => {
  await open(page, gateway(), "/points?device=tank");
  const value = page.getByTestId("value-tank/counter");
  await expect(value).toHaveText(/\d/);
  gateway().freeze();
  try {
    await expect(page.getByText("No connection to the gateway")).toBeVisible({ timeout: 4000 });
  } finally {
    gateway().thaw();
  }
  await expect(page.getByText("No connection to the gateway")).toBeHidden();
  const before = await value.innerText();
  await expect(value).not.toHaveText(before);
});

test("a visitor who cuts the link is asked to set up first", async ({ page }) => {
  await open(page, gateway(), "/");
  await page.getByRole("button", { name: "Cut the link for 30 s" }).click();
  await expect(page.getByRole("heading", { name: "Set up this gateway" })).toBeVisible();
});

test("the printed link sets up; an outage fills the queue and drains again", { tag: "@long" }, async ({ page }) => {
  await page.goto(`${gateway().url}/#setup=${gateway().token}`);
  await expect(page.getByRole("textbox", { name: "Set-up token" })).toHaveValue(gateway().token);
  expect(page.url()).not.toContain(gateway().token);
  await page.getByRole("textbox", { name: "User name" }).fill(person.name);
  await page.getByRole("textbox", { name: "Password" }).fill("short");
  await page.getByRole("button", { name: "Set up and log in" }).click();
  await expect(page.getByText("The password needs at least 8 characters.")).toBeVisible();
  await page.getByRole("textbox", { name: "Password" }).fill(person.password);
  await page.getByRole("button", { name: "Set up and log in" }).click();

  await page.getByRole("button", { name: "Cut the link for 30 s" }).click();
  await expect(page.getByText("The link is cut.")).toBeVisible();
  await expect.poll(() => numberOf(page), { timeout: 10_000 }).toBeGreaterThan(2 * oneRound);
  const full = await numberOf(page);
  await expect.poll(() => numberOf(page), { timeout: 5000 }).toBeGreaterThan(full);
  await expect(page.getByRole("img", { name: /bridge to the cloud is: Down/ })).toBeVisible();

  await page.getByRole("button", { name: "Mend it now" }).click();
  await expect.poll(() => numberOf(page), { timeout: 10_000 }).toBeLessThan(oneRound);
  await expect(page.getByRole("img", { name: /bridge to the cloud is: Up/ })).toBeVisible();
});
