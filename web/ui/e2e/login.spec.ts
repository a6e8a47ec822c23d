import { type Page } from "@playwright/test";

import { expect, gatewayOfFile, open, person, signIn, test } from "./tidegate";

const gateway = gatewayOfFile();
const menuOf = (page: Page, name: string) => page.getByRole("button", { name: `Menu of ${name}: login, theme, language` });

test.use({ expectedComplaint: /status of 401/ });

async function logIn(page: Page, password: string): Promise<void> {
  await page.getByRole("textbox", { name: "User name" }).fill(person.name);
  await page.getByRole("textbox", { name: "Password" }).fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
}

test.beforeEach(async ({ page }) => {
  await signIn(page, gateway());
  await page.context().clearCookies();
});

test("a wrong password is told, the right one lets in, logout lets out", async ({ page }) => {
  await open(page, gateway(), "/login");
  await logIn(page, "wrong password");
  await expect(page.getByRole("alert")).toContainText(/password/i);
  await logIn(page, person.password);
  await menuOf(page, person.name).click();
  await expect(page.getByText("Administrator")).toBeVisible();
  await page.getByRole("menuitem", { name: "Log out" }).click();

  await menuOf(page, "Visitor").click();
  await page.getByRole("menuitem", { name: "Log in" }).click();
  await logIn(page, person.password);
  await expect(menuOf(page, person.name)).toBeVisible();
});

test("login leads back to where one was", async ({ page }) => {
  await open(page, gateway(), "/bridges");
  await page.getByRole("button", { name: "Add bridge" }).click();
  await logIn(page, person.password);
  await expect(page.getByRole("heading", { level: 1, name: "Bridges" })).toBeVisible();
});

test("set-up is done once", async ({ page }) => {
  await page.goto(`${gateway().url}/#setup=${gateway().token}`);
  await expect(page.getByText("This gateway is set up already.")).toBeVisible();
});
