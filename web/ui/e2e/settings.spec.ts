import { readFile } from "node:fs/promises";

import { startService } from "./gateway";
import { expect, gatewayOfFile, goTo, open, person, signIn, test } from "./tidegate";

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
