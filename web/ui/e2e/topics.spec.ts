import { expectAccessible, expectNoSidewaysScrolling } from "./accessible";
import { expect, gatewayOfFile, open, signIn, test } from "./tidegate";

const gateway = gatewayOfFile();

test("a topic is found, followed, published to and cleared", { tag: "@long" }, async ({ page }) => {
  test.slow();
  await signIn(page, gateway());
  await open(page, gateway(), "/broker?tab=topics");
  await page.getByRole("button", { name: "Publish", exact: true }).click();
  const form = page.getByRole("dialog", { name: "Publish a message" });
  await form.getByRole("textbox", { name: "Topic" }).fill("hall/lamp");
  await form.getByRole("textbox", { name: "Payload" }).fill('{"on":true}');
  await form.getByRole("switch", { name: /^Retain/ }).click();
  await form.getByRole("button", { name: "Publish" }).click();
  await expect(form).toBeHidden();

  await page.getByRole("button", { name: "Levels below hall" }).click();
  await page.getByRole("button", { name: /^lamp/ }).click();
  const message = page.getByRole("region", { name: "hall/lamp" });
  await expect(message.getByRole("region", { name: "Payload" })).toHaveText('{ "on": true }');

  await page.getByRole("button", { name: "Follow" }).click();
  await expect(page.getByRole("log")).toContainText(/tank/);
  await page.getByRole("button", { name: "Stop" }).click();

  await expectNoSidewaysScrolling(page);
  await expectAccessible(page, "main");

  await message.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("dialog", { name: "Delete hall/lamp?" }).getByRole("button", { name: "Delete" }).click();
  await expect(message).toBeHidden();
  await expect(page.getByRole("button", { name: "Levels below hall" })).toBeHidden();
});
