import { expect, gatewayOfFile, open, test } from "./tidegate";

const gateway = gatewayOfFile();

test("a visitor looks at the past of points", async ({ page }) => {
  test.slow();
  await open(page, gateway(), "/points?device=tank");
  await page.getByRole("button", { name: "Chart of Temperature" }).click();
  // The first batch is written ten seconds after the start.
  const chart = page.getByRole("img", { name: /^Temperature: \d+ readings, lowest [\d.]+ °C, mean [\d.]+ °C, highest [\d.]+ °C/ });
  await expect(chart).toBeVisible({ timeout: 25_000 });

  await page.getByRole("combobox", { name: "Points" }).fill("Tank 1 · Level");
  await page.getByRole("option", { name: "Tank 1 · Level (%)" }).click();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("list", { name: "Lines of the chart" }).getByRole("listitem")).toHaveCount(2);
  await expect(page).toHaveURL(/points=tank%2Ftemperature%2Ctank%2Flevel/);

  await page.getByText("7 d", { exact: true }).click();
  await expect(page).toHaveURL(/span=week/);
  await page.getByRole("button", { name: "Zoom in" }).click();
  await expect(page).toHaveURL(/from=.*to=/);

  // The keys do the same, and the mouse chooses a part.
  await page.getByRole("group", { name: /^Chart\. Arrow keys/ }).focus();
  await page.keyboard.press("End");
  await expect(page).toHaveURL(/span=302400s/);
  await page.keyboard.press("ArrowLeft");
  await expect(page).toHaveURL(/from=/);
  const before = page.url();
  const box = await page.locator(".u-over").boundingBox();
  expect(box).not.toBeNull();
  if (box) {
    await page.mouse.move(box.x + box.width * 0.25, box.y + 50);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.75, box.y + 60, { steps: 4 });
    await page.mouse.up();
  }
  await expect(page).not.toHaveURL(before);
  const length = () => {
    const query = new URLSearchParams(page.url().split("?")[1]);
    return Math.round((Date.parse(query.get("to") ?? "") - Date.parse(query.get("from") ?? "")) / 60_000);
  };
  expect(Math.abs(length() - 2520)).toBeLessThan(30);

  await page.getByRole("button", { name: "Now" }).click();
  await page.getByText("1 h", { exact: true }).click();
  await expect(page).toHaveURL(/span=hour/);
  await page.getByRole("button", { name: "Show as a table" }).click();
  await expect(page.getByRole("table").getByRole("row").nth(1)).toContainText(/\d/);
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export CSV" }).click();
  const text = await (await (await download).createReadStream()).toArray();
  expect(Buffer.concat(text).toString()).toMatch(
    /^time_utc,time_site,device,point,unit,source,value,minimum,maximum,readings,quality\n\S+Z,\S+,tank,temperature,°C,reading,[\d.]+,/,
  );

  await page.getByRole("button", { name: "Link" }).click();
  const link = await page.getByRole("textbox", { name: "Link to this chart" }).inputValue();
  await page.goto("about:blank");
  await page.goto(link);
  await expect(page.getByRole("list", { name: "Lines of the chart" }).getByRole("listitem")).toHaveCount(2);
  await expect(page.getByRole("button", { name: "Now" })).toBeEnabled();
});
