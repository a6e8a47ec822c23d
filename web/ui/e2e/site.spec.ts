import { expectAccessible, expectNoSidewaysScrolling } from "./accessible";
import { startService } from "./gateway";
import { expect, gatewayOfFile, open, person, test } from "./tidegate";

const gateway = gatewayOfFile(startService);

test.use({ timezoneId: "America/New_York" });

// The refused edit is an error to the console.
test.use({ expectedComplaint: /422/ });

test("set-up asks for name and time zone, which the settings change later", { tag: "@long" }, async ({ page }) => {
  test.slow();
  // The clock of the gateway is ten minutes ahead, as the browser sees it.
  await page.route("**/api/v1/session", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, headers: { ...answer.headers(), date: new Date(Date.now() + 630_000).toUTCString() } });
  });
  await page.goto(`${gateway().url}/#setup=${gateway().token}`);
  await expect(page.getByText("The clock of the gateway is 10 min ahead of this browser")).toBeVisible();
  await expectAccessible(page);
  await page.unroute("**/api/v1/session");
  await page.getByLabel("Password").first().fill(person.password);
  const name = page.getByRole("textbox", { name: "Name of the gateway" });
  await name.fill("hall 2");
  const zone = page.getByRole("combobox", { name: "Time zone of the site" });
  await expect(zone).toHaveValue("America/New_York");
  await zone.fill("Europe/Berlin");
  await page.getByRole("option", { name: "Europe/Berlin" }).click();
  await page.getByRole("button", { name: "Set up and log in" }).click();
  await expect(page.getByText("starting with a letter or digit")).toBeVisible();
  await name.fill("hall-2");
  await page.getByRole("button", { name: "Set up and log in" }).click();
  await expect(page.getByText("Times are those of Europe/Berlin; this browser is in America/New_York.")).toBeVisible();

  await open(page, gateway(), "/settings/audit");
  const time = page.locator("time").first();
  await expect(time).toBeVisible();
  const hours = await time.evaluate((element) => {
    const shown = Number(/(\d+):\d+:\d+/.exec(element.textContent ?? "")?.[1]) % 12;
    return [shown, new Date(element.getAttribute("datetime") ?? "").getUTCHours(), element.getAttribute("title") ?? ""] as const;
  });
  const ahead = (((hours[0] - hours[1]) % 12) + 12) % 12;
  expect([1, 2]).toContain(ahead);
  expect(hours[2]).toMatch(/ UTC$/);

  await open(page, gateway(), "/settings/site");
  await expect(page.getByText("The clock of the gateway agrees with this browser:")).toBeVisible();
  await page.getByRole("textbox", { name: "Name of the gateway" }).fill("hall-3");
  await expect(page.getByText("A new name changes the topics")).toBeVisible();
  await page.getByRole("combobox", { name: "Time zone of the site" }).fill("New_York");
  await page.getByRole("option", { name: "America/New_York" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved")).toBeVisible();
  await expect(page.getByText("Times are those of")).toBeHidden();
  await expectAccessible(page, "main");

  await open(page, gateway(), "/settings/history");
  const days = page.getByRole("textbox", { name: "Days of readings" });
  await expect(days).toHaveValue("7");
  await days.fill("400");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("400 is not between 1 and 366 days")).toBeVisible();
  await days.fill("14");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved").last()).toBeVisible();
  await page.reload();
  await expect(days).toHaveValue("14");
  await expectNoSidewaysScrolling(page);
  await expectAccessible(page, "main");
});
