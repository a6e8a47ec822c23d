import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { expectAccessible } from "./accessible";
import { freePort } from "./gateway";
import { expect, field, gatewayOfFile, open, signIn, test } from "./tidegate";

const gateway = gatewayOfFile();
const program = fileURLToPath(new URL("../../../build/tidegate", import.meta.url));
const units = Array.from({ length: 30 }, (_, index) => index + 1);
let meters: ChildProcess | undefined;
let port = "";

// A wire with thirty meters on it.
test.beforeAll(async () => {
  port = String(await freePort());
  meters = spawn(program, ["sim", `tcp://127.0.0.1:${port}`, "--units", units.join(","), "--profile", "meter"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (meters.stdout) {
    await once(createInterface({ input: meters.stdout }), "line");
  }
});

test.afterAll(async () => {
  if (meters && meters.exitCode === null) {
    meters.kill();
    await once(meters, "exit");
  }
});

test("thirty meters are added from a profile in one step", { tag: "@long" }, async ({ page }) => {
  await signIn(page, gateway());
  await open(page, gateway(), "/devices");
  await page.getByRole("button", { name: "Add device" }).first().click();
  await field(page, "Host or IP address").fill("127.0.0.1");
  await field(page, "Port").fill(port);
  await field(page, "To").fill("30");
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await expect(field(page, "Units")).toHaveValue("1-30");
  await page.getByRole("button", { name: "Next" }).click();

  await page.getByRole("dialog").getByRole("combobox", { name: "Profile" }).fill("sdm120");
  await page.getByRole("option", { name: "Eastron SDM120" }).click();
  await expect(page.getByRole("dialog")).toContainText("volkszaehler/mbmd");
  await page.getByRole("button", { name: "Read unit 1 once" }).click();
  await expect(page.getByTestId("readings")).toContainText("Voltage");
  await expectAccessible(page, "[role=dialog]");
  await page.getByRole("button", { name: "Next" }).click();

  await field(page, "Names").fill("Meter {unit}");
  await expect(page.getByTestId("will-be")).toContainText("Meter 8");
  await page.getByRole("button", { name: "Add 30 devices" }).click();
  await expect(page.getByText("30 devices are added and running.")).toBeVisible();
  await expect(page.getByTestId("device-meter-30")).toContainText("Up");
  await page.getByTestId("device-meter-30").getByRole("link", { name: "Eastron SDM120, version 1" }).click();
  await expect(page.getByRole("dialog")).toContainText("4366 3334");
});
