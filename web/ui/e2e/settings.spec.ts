import { readFile } from "node:fs/promises";

import { startService } from "./gateway";
import { choose, expect, field, gatewayOfFile, goTo, open, person, signIn, test } from "./tidegate";

const gateway = gatewayOfFile(startService);
const passphrase = "a long walk on the dike";

test.describe("a backup", () => {
  // A wrong passphrase, and the stream of events while the gateway restarts.
  test.use({ expectedComplaint: /status of 4\d\d|ERR_|status of 503/ });

  test("is made, refused with a wrong passphrase, looked into and restored", async ({ page }) => {
    const api = `${gateway().url}/api/v1`;
    await signIn(page, gateway());
    await open(page, gateway(), "/");
    await goTo(page, "Settings");
    await page.getByRole("main").getByRole("link", { name: /^Backup/ }).click();

    const make = page.getByRole("region", { name: "Make a backup" });
    await make.getByRole("textbox", { name: "Passphrase", exact: true }).fill("12345678");
    await make.getByRole("textbox", { name: "Passphrase again" }).fill("1234567");
    await make.getByRole("button", { name: "Make and download" }).click();
    await expect(make.getByText("The two are not the same.")).toBeVisible();
    await make.getByRole("textbox", { name: "Passphrase", exact: true }).fill(passphrase);
    await make.getByRole("textbox", { name: "Passphrase again" }).fill(passphrase);
    await make.getByRole("checkbox", { name: "Also the messages that wait in the queues" }).check();
    const [download] = await Promise.all([page.waitForEvent("download"), make.getByRole("button", { name: "Make and download" }).click()]);
    await expect(make.getByRole("status")).toContainText(download.suggestedFilename());
    const backup = { name: download.suggestedFilename(), mimeType: "application/octet-stream", buffer: await readFile(await download.path()) };

    const added = await page.request.post(`${api}/users`, {
      data: { user: { name: "later", role: "viewer" }, password: person.password },
    });
    expect(added.ok()).toBe(true);

    const restore = page.getByRole("region", { name: "Restore a backup" });
    await restore.locator("input[type=file]").setInputFiles(backup);
    await restore.getByRole("textbox", { name: "Passphrase of the backup" }).fill("not this one at all");
    await restore.getByRole("button", { name: "Check the backup" }).click();
    await expect(restore.getByText(/passphrase/).last()).toBeVisible();
    await restore.getByRole("textbox", { name: "Passphrase of the backup" }).fill(passphrase);
    await restore.getByRole("button", { name: "Check the backup" }).click();
    const plan = page.getByTestId("plan");
    await expect(plan).toContainText(person.name);
    await expect(plan).toContainText("are in it, but those of now stay");
    await plan.getByRole("button", { name: "Restore and restart" }).click();
    // The login of now may or may not be in the backup; in both cases the page comes back by itself.
    await expect(page.getByText("The backup is restored, and the gateway runs.").or(page.getByRole("heading", { name: "Log in" }))).toBeVisible({ timeout: 15_000 });
    await signIn(page, gateway());
    const users = (await (await page.request.get(`${api}/users`)).json()) as { name: string }[];
    expect(users.map(({ name }) => name)).toEqual([person.name]);
  });
});

test.describe("accounts", () => {
  test.use({ expectedComplaint: /status of 4\d\d/ });

  test("of people, machines and MQTT clients are made, tried and ended", { tag: "@long" }, async ({ page, browser }) => {
    const api = `${gateway().url}/api/v1`;
    const dialog = page.getByRole("dialog");
    await signIn(page, gateway());
    await open(page, gateway(), "/settings/users");
    await page.getByRole("button", { name: "Add person" }).click();
    await field(page, "User name").fill("bob");
    await field(page, "Password").fill("password1");
    await dialog.getByRole("button", { name: "Save" }).click();
    await expect(dialog.getByText(/among the first that are tried/)).toBeVisible();
    await field(page, "Password").fill(person.password);
    await dialog.getByRole("button", { name: "Save" }).click();
    await expect(dialog).toBeHidden();

    const other = await browser.newContext();
    expect((await other.request.post(`${api}/login`, { data: { name: "bob", password: person.password } })).ok()).toBe(true);
    expect((await other.request.get(`${api}/status`)).status()).toBe(200);
    await page.reload();
    await page.getByRole("button", { name: /^End the log-in of bob/ }).click();
    await expect(page.getByRole("button", { name: /^End the log-in of bob/ })).toBeHidden();
    expect((await other.request.get(`${api}/status`)).status()).toBe(401);

    await page.getByRole("link", { name: "API tokens" }).click();
    await page.getByRole("button", { name: "Add token" }).first().click();
    await field(page, "Name").fill("grafana");
    await dialog.getByRole("button", { name: "Save" }).click();
    const headers = { Authorization: `Bearer ${await field(page, "Token").inputValue()}` };
    await dialog.getByRole("button", { name: "I have noted it" }).click();
    await other.clearCookies();
    expect((await other.request.get(`${api}/status`, { headers })).status()).toBe(200);
    expect((await other.request.get(`${api}/tokens`, { headers })).status()).toBe(403);
    await page.getByRole("button", { name: "Delete grafana" }).click();
    await dialog.getByRole("button", { name: "Delete", exact: true }).click();
    await expect(page.getByText("No tokens yet")).toBeVisible();
    expect((await other.request.get(`${api}/status`, { headers })).status()).toBe(401);
    await other.close();

    await page.getByRole("link", { name: "MQTT users" }).click();
    await page.getByRole("button", { name: "Add MQTT user" }).first().click();
    await field(page, "User name").fill("pump-7");
    await choose(page, "Topics", "Rules of its own");
    await dialog.getByRole("button", { name: "Add rule" }).click();
    await field(page, "Topic filter").fill("plant/#/x");
    await dialog.getByRole("button", { name: "Save" }).click();
    await expect(field(page, "Topic filter")).toHaveAttribute("aria-invalid", "true");
    await field(page, "Topic filter").fill("plant/%u/#");
    await dialog.getByRole("button", { name: "Save" }).click();
    await expect(field(page, "Password")).toHaveValue(/^\w{20,}$/);
    await dialog.getByRole("button", { name: "I have noted it" }).click();
    const tester = page.getByRole("region", { name: "May this client do that?" });
    await tester.getByRole("textbox", { name: "Topic or filter" }).fill("plant/pump-7/flow");
    await tester.getByRole("button", { name: "Ask" }).click();
    await expect(tester.getByRole("status")).toHaveText(/Allowed.*by rule 1/);
    await tester.getByRole("textbox", { name: "Topic or filter" }).fill("plant/pump-8/flow");
    await tester.getByRole("button", { name: "Ask" }).click();
    await expect(tester.getByRole("status")).toHaveText("RefusedNo rule has this topic.");
  });
});

test("the configuration is exported, imported after a look, and rolled back", { tag: "@long" }, async ({ page }) => {
  await signIn(page, gateway());
  await open(page, gateway(), "/settings/revisions");
  const exchange = page.getByRole("region", { name: "Export and import" });
  const [download] = await Promise.all([page.waitForEvent("download"), exchange.getByRole("link", { name: "Export as YAML" }).click()]);
  const text = await readFile(await download.path(), "utf8");
  const importText = (changed: string) =>
    exchange.locator("input[type=file]").setInputFiles({ name: "plant.yaml", mimeType: "text/yaml", buffer: Buffer.from(changed) });
  const dialog = page.getByRole("dialog");

  await importText(text.replace("interval: 1s", "interval: 3s"));
  await expect(dialog.getByRole("table", { name: "Scan class normal" }).getByRole("row").nth(1)).toHaveText(/interval\s*1s\s*3s/);
  await dialog.getByRole("button", { name: "Import" }).click();
  await expect(page.getByRole("button", { name: "Revision 1, in force" })).toContainText(person.name);
  await importText(text.replace("interval: 1s", "interval: 4s"));
  await dialog.getByRole("button", { name: "Import" }).click();
  await page.getByRole("button", { name: "Revision 2, in force" }).click();
  await expect(page.getByRole("main").getByRole("table", { name: "Scan class normal" })).toContainText("4s");
  await page.getByRole("button", { name: /^Revision 1 / }).click();
  await page.getByRole("button", { name: "Roll back to revision 1" }).click();
  await expect(dialog.getByRole("row").nth(1)).toHaveText(/interval\s*4s\s*3s/);
  await dialog.getByRole("button", { name: "Roll back" }).click();
  await expect(page.getByRole("button", { name: "Revision 3, in force" })).toBeVisible();

  await page.getByRole("link", { name: "Audit log" }).click();
  const line = page.getByRole("button", { name: /^Rolled back to revision 1 anna · 127.0.0.1/ });
  await line.click();
  await expect(page.getByRole("main").getByRole("table", { name: "Scan class normal" })).toContainText("3s");
});

test.describe("an import that does not do", { tag: "@long" }, () => {
  test.use({ expectedComplaint: /status of 422/ });

  test("says where", async ({ page }) => {
    await signIn(page, gateway());
    await open(page, gateway(), "/settings/revisions");
    await page.locator("input[type=file]").setInputFiles({ name: "plant.yaml", mimeType: "text/yaml", buffer: Buffer.from("name: [") });
    await expect(page.getByRole("alert")).toContainText("this is not YAML");
  });
});
