import { expect, gatewayOfFile, open, test } from "./tidegate";

const gateway = gatewayOfFile();

test("a visitor looks at the past of a point", { tag: "@long" }, async ({ page }) => {
  test.slow();
  await open(page, gateway(), "/points?device=tank");
  await page.getByRole("button", { name: "Chart of Temperature" }).click();
  const dialog = page.getByRole("dialog", { name: "Chart of Temperature" });
  // The first batch is written ten seconds after the start.
  const chart = dialog.getByRole("img", { name: /^\d+ readings from .*: lowest [\d.]+ °C, mean [\d.]+ °C, highest [\d.]+ °C/ });
  await expect(chart).toBeVisible({ timeout: 25_000 });
  await dialog.getByRole("button", { name: "Show as a table" }).click();
  await expect(dialog.getByRole("table").getByRole("row").nth(1)).toContainText(/\d/);

  await dialog.getByText("7 days").click();
  await expect(page).toHaveURL(/chart=tank%2Ftemperature.*span=week|span=week.*chart=tank%2Ftemperature/);
  await expect(chart).toBeVisible();
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(dialog).toBeHidden();
});
