// The pictures of the help, taken from the demo; they are committed, because the page is built from them.
import type { Page } from "@playwright/test";

import { choose, expect, gatewayOfFile, open, signIn, test } from "./tidegate";

const gateway = gatewayOfFile();

async function take(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  await page.screenshot({ path: `src/pages/help/screens/${name}.jpg`, type: "jpeg", quality: 60 });
}

test("pictures of the help", async ({ page }) => {
  await signIn(page, gateway());
  await open(page, gateway(), "/devices");
  await page.getByRole("button", { name: "Add device" }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await take(page, "device");

  await open(page, gateway(), "/points?device=tank");
  await page.reload();
  await expect(page.getByTestId("value-tank/temperature")).toHaveText(/\d/);
  await take(page, "points");

  await page.getByRole("button", { name: "Explore registers" }).click();
  await choose(page, "Table", "Input registers");
  await page.getByRole("dialog").getByRole("button", { name: "Read" }).click();
  await page.getByTestId("place-input:0").scrollIntoViewIfNeeded();
  await take(page, "explorer");

  await open(page, gateway(), "/bridges");
  await page.reload();
  await expect(page.getByTestId("bridge-cloud")).toContainText(/Forwarded\s*[1-9]/);
  await take(page, "bridge");

  const cut = await page.request.post(`${gateway().url}/api/v1/demo/outage`, { data: { seconds: 60 } });
  expect(cut.ok()).toBe(true);
  await open(page, gateway(), "/bridges/cloud");
  // So that there is something to see in the figures.
  await page.waitForTimeout(30_000);
  await take(page, "outage");
});
