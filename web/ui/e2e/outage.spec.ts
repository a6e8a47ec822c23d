import { expect, gatewayOfFile, open, signIn, test } from "./tidegate";

const gateway = gatewayOfFile();

/** What the plant sends at once, and so may be on its way at any moment. */
const oneRound = 40;

test("an outage and its drain are watched on the screen of the backlog", { tag: "@long" }, async ({ page }) => {
  await signIn(page, gateway());
  await open(page, gateway(), "/bridges");
  await page.getByRole("link", { name: "Link and backlog of Cloud" }).click();
  const figures = page.getByRole("region", { name: "Backlog" });
  await expect(page.getByRole("heading", { level: 1, name: "Cloud" })).toBeVisible();
  const api = `${gateway().url}/api/v1`;
  expect((await page.request.post(`${api}/demo/outage`, { data: { seconds: 60 } })).ok()).toBe(true);
  const waiting = async () => Number(await figures.getByRole("definition").first().innerText());
  await expect.poll(waiting, { timeout: 10_000 }).toBeGreaterThan(2 * oneRound);
  await expect(page.getByText("the link to the cloud is cut")).toBeVisible();
  await page.request.post(`${api}/demo/outage`, { data: { seconds: 0 } });
  await page.getByRole("button", { name: "Try now" }).click();
  await expect.poll(waiting, { timeout: 10_000 }).toBeLessThan(oneRound);
  await expect(page.getByText("Nothing was lost since the start.")).toBeVisible();
});
