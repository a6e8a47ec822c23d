import { expectAccessible } from "./accessible";
import { expect, field, gatewayOfFile, open, signIn, test } from "./tidegate";

const gateway = gatewayOfFile();

// A pause that is too long is refused by the gateway, and told at its field.
test.use({ expectedComplaint: /status of 422/ });

// The habits of a device and of its connection are in its form, and what is not usual is kept and shown again.
test("what is unusual about a device is set in its form", { tag: "@long" }, async ({ page }) => {
  await signIn(page, gateway());
  await open(page, gateway(), "/devices?edit=tank");
  const form = page.getByRole("dialog");
  await form.getByRole("button", { name: "More about the connection" }).click();
  await form.getByRole("button", { name: "Habits of the device" }).click();
  await field(page, "Stale after").fill("7");
  await field(page, "Most registers").fill("20");
  await form.getByRole("switch", { name: "Answers as any unit" }).click();
  await expectAccessible(page);
  await form.getByRole("button", { name: "Save" }).click();
  await expect(form).toBeHidden();
  await open(page, gateway(), "/devices?edit=tank");
  await form.getByRole("button", { name: "More about the connection" }).click();
  await form.getByRole("button", { name: "Habits of the device" }).click();
  await expect(field(page, "Stale after")).toHaveValue("7");
  await expect(field(page, "Most registers")).toHaveValue("20");
  await expect(form.getByRole("switch", { name: "Answers as any unit" })).toBeChecked();
  await field(page, "Pause after connecting").fill("9s");
  await form.getByRole("button", { name: "Save" }).click();
  await expect(field(page, "Pause after connecting")).toHaveAccessibleDescription(/not between 0 and 5s/);
});
