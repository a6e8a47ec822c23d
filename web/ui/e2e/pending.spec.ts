import { expect, gatewayOfFile, open, person, signIn, test } from "./tidegate";

const gateway = gatewayOfFile();

test.use({ expectedComplaint: /status of 401/ });

test("a change of one's own account undoes itself unless it is kept", { tag: "@long" }, async ({ page }) => {
  test.slow();
  await signIn(page, gateway());
  const users = `${gateway().url}/api/v1/users`;
  const bea = { name: "bea", role: "administrator" };
  expect((await page.request.post(users, { data: { user: bea, password: person.password } })).ok()).toBe(true);
  expect((await page.request.put(`${users}/${person.name}`, { data: { user: { name: person.name, role: "operator" } } })).ok()).toBe(true);
  await signIn(page, gateway());
  await open(page, gateway(), "/broker");
  await expect(page.getByText(/^Undone in \d+ seconds/)).toBeVisible({ timeout: 20_000 });
  await page.getByRole("button", { name: "Undo now" }).click();
  await expect(page.getByRole("heading", { name: "Log in" }).or(page.getByRole("button", { name: "Menu of Visitor: login, theme, language" }))).toBeVisible();
  await signIn(page, gateway());
  const session = (await (await page.request.get(`${gateway().url}/api/v1/session`)).json()) as { user: { role: string } };
  expect(session.user.role).toBe("administrator");
});
