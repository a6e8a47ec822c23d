import { expectAccessible } from "./accessible";
import { choose, expect, field, gatewayOfFile, goTo, open, signIn, test } from "./tidegate";

const gateway = gatewayOfFile();

test("a device is added, tested, given a point, changed and deleted", async ({ page }) => {
  await signIn(page, gateway());
  await open(page, gateway(), "/devices");

  await page.getByRole("button", { name: "Add device" }).first().click();
  await field(page, "Host or IP address").fill(gateway().plc.host);
  await field(page, "Port").fill(String(gateway().plc.port));
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await expect(page.getByRole("dialog").getByRole("checkbox", { name: /^Unit 1:/ })).toBeChecked();
  await field(page, "Units").fill("1");
  await expectAccessible(page, "[role=dialog]");
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByRole("button", { name: "Next" }).click();
  await field(page, "Names").fill("Press 7");
  await page.getByRole("button", { name: "Add 1 device" }).click();
  // It has no points yet, so its registers are shown.
  await expect(page.getByTestId("places")).toBeVisible();
  await page.getByRole("button", { name: "Cancel" }).click();
  await goTo(page, "Devices");
  const device = page.getByTestId("device-press-7");
  await expect(device).toContainText("Modbus TCP");

  await device.getByRole("link", { name: "0 points" }).click();
  await expect(page.getByText("No points yet")).toBeVisible();
  await page.getByRole("button", { name: "Add point" }).first().click();
  await field(page, "Name").fill("Strokes");
  await field(page, "Address").fill("input:10");
  await choose(page, "Type", "uint32");
  await page.getByRole("button", { name: "Read now" }).click();
  await expect(page.getByTestId("tried").getByRole("button", { name: /^Use ABCD/ })).toBeVisible();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Strokes is saved and being read.")).toBeVisible();

  const value = page.getByTestId("value-press-7/strokes");
  await expect(value).toHaveText(/^\d[\d,]*$/);
  const before = await value.innerText();
  await expect(value).not.toHaveText(before);
  await expect(page.getByTestId("point-press-7/strokes")).toContainText("Good");

  await page.getByRole("button", { name: "Edit Strokes" }).click();
  await field(page, "Unit").fill("pcs");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(value).toHaveText(/^\d[\d,]* pcs$/);

  await goTo(page, "Devices");
  await expect(device.getByRole("link", { name: "1 point" })).toBeVisible();
  await expect(device).toContainText("Up");
  await page.getByRole("button", { name: "Delete Press 7" }).click();
  await expect(page.getByRole("dialog")).toContainText("Its 1 point is deleted with it.");
  await page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true }).click();
  await expect(device).toBeHidden();
  await expect(page.getByTestId("device-tank")).toBeVisible();
});

test.describe("a device that does not answer", () => {
  test.use({ expectedComplaint: /status of 503/ });

  test("is told in the form", async ({ page }) => {
    await signIn(page, gateway());
    await open(page, gateway(), "/devices");
    await page.getByRole("button", { name: "Add device" }).click();
    await page.getByRole("button", { name: "Next" }).click();
    await expect(page.getByText("This is needed.").first()).toBeVisible();
    await field(page, "Host or IP address").fill("127.0.0.1");
    // Port 1 of this machine refuses at once.
    await field(page, "Port").fill("1");
    await page.getByRole("button", { name: "Search", exact: true }).click();
    await expect(page.getByRole("dialog").getByText(/refused/).first()).toBeVisible();
  });
});

test("a register nobody knows becomes a point", async ({ page }) => {
  await signIn(page, gateway());
  await open(page, gateway(), "/points?device=tank");
  await page.getByRole("button", { name: "Explore registers" }).click();
  await choose(page, "Table", "Input registers");
  await page.getByRole("dialog").getByRole("button", { name: "Read" }).click();
  const found = page.getByTestId("place-input:0").getByRole("button", { name: /· float32 CDAB$/ });
  await found.click();
  await expect(found).toHaveAttribute("aria-pressed", "true");
  await expect(page.getByTestId("places")).toContainText("exception 2");
  await expectAccessible(page, "[role=dialog]");
  await field(page, "Name of input:0").fill("Found it");
  await page.getByRole("button", { name: "Add 1 point" }).click();
  await expect(page.getByText("1 point is added and being read.")).toBeVisible();
  await expect(page.getByTestId("value-tank/found-it")).toHaveText(/^\d+[.,]\d+/);
});

test("a point is written and read back", async ({ page }) => {
  await signIn(page, gateway());
  await open(page, gateway(), "/points?device=tank");
  await page.getByRole("button", { name: "Write Set point" }).click();
  await field(page, "New value").fill("61.5");
  await page.getByRole("button", { name: "Write", exact: true }).click();
  await expect(page.getByTestId("read-back")).toContainText("Read back: 61.5 °C");
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).last().click();
  await expect(page.getByTestId("value-tank/setpoint")).toHaveText("61.5 °C");
});

test.describe("a form that somebody else's change has overtaken", () => {
  test.use({ expectedComplaint: /status of 409/ });

  test("is refused and says so", async ({ page }) => {
    await signIn(page, gateway());
    await open(page, gateway(), "/devices?edit=scale");
    await field(page, "Name").fill("Mine");
    const api = `${gateway().url}/api/v1`;
    const config = (await (await page.request.get(`${api}/config`)).json()) as { revision: number; devices: { id: string }[] };
    const device = config.devices.find(({ id }) => id === "scale");
    const theirs = await page.request.put(`${api}/devices/scale`, { data: { revision: config.revision, device: { ...device, name: "Theirs" } } });
    expect(theirs.ok()).toBe(true);
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("Changed by somebody else meanwhile")).toBeVisible();
    await page.getByRole("button", { name: "Cancel" }).click();
    await expect(page.getByTestId("device-scale")).toContainText("Theirs");
  });
});
