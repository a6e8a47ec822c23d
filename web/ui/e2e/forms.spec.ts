// The pages of the settings, and every form, as in pages.spec.ts; a file of its own runs beside it.
import { expectAccessible, expectGoodPages } from "./accessible";
import { expect, gatewayOfFile, open, signIn, test } from "./tidegate";

const gateway = gatewayOfFile();

const settings = [
  { path: "/settings", shows: "Save everything in one file" },
  { path: "/settings/users", shows: "This one" },
  { path: "/settings/mqtt", shows: "No MQTT users yet" },
  { path: "/settings/listeners", shows: "On this machine" },
  { path: "/settings/certificates", shows: "Trust this device" },
  { path: "/settings/tokens", shows: "No tokens yet" },
  { path: "/settings/revisions?revision=2", shows: "Export as YAML" },
  { path: "/settings/audit", shows: "Set up the gateway" },
  { path: "/settings/backup", shows: "Restore a backup" },
];

test("every page of the settings", { tag: "@long" }, async ({ page }) => {
  test.slow();
  await expectGoodPages(page, gateway(), settings);
});

const forms = [
  { path: "/devices?edit=tank", title: "Edit Tank 1" },
  { path: "/points?device=tank&edit=tank%2Ftemperature", title: "Edit Temperature" },
  { path: "/bridges?edit=cloud", title: "Edit Cloud" },
  { path: "/settings/users?edit=anna", title: "Edit anna" },
  { path: "/settings/mqtt?edit=%2B", title: "Add an MQTT user" },
  { path: "/settings/listeners?edit=%2B", title: "Add a listener" },
  { path: "/settings/certificates?edit=%2B", title: "Add a certificate" },
  { path: "/settings/tokens?edit=%2B", title: "Add a token" },
];

test("every form", async ({ page }) => {
  test.slow();
  await signIn(page, gateway());
  for (const { path, title } of forms) {
    await test.step(title, async () => {
      await open(page, gateway(), path);
      await expect(page.getByRole("dialog", { name: title })).toBeVisible();
      await expectAccessible(page, "[role=dialog]");
    });
  }
});
