import { expectAccessible } from "./accessible";
import { expect, gatewayOfFile, open, signIn, test } from "./tidegate";

const gateway = gatewayOfFile();
const many = 200;

/** A block as a spreadsheet copies it: name, id, address, type. */
const block = Array.from({ length: many }, (_, n) => [`Cell ${n + 1}`, "", `holding:${n === 7 ? "x" : n}`, "uint16"].join("\t")).join("\r\n");

test("200 rows are pasted, mended and applied as one revision", { tag: "@long" }, async ({ page, context }) => {
  test.slow();
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: gateway().url });
  await signIn(page, gateway());
  await open(page, gateway(), "/points/grid?device=tank");
  const grid = page.getByRole("grid", { name: /^Points of/ });
  const before = Number(await grid.getAttribute("aria-rowcount"));
  await page.getByRole("button", { name: "Add row" }).click();
  await grid.focus();
  await page.evaluate((text) => navigator.clipboard.writeText(text), block);
  await page.keyboard.press("Control+v");
  await expect(grid).toHaveAttribute("aria-rowcount", String(before + many));
  await expect(page.getByText("1 row has an error")).toBeVisible();

  // The draft is there after a reload; what is wrong in it is mended by typing over.
  await page.reload();
  await page.getByRole("searchbox", { name: "Search" }).fill("Cell 8");
  await page.getByTestId("row-cell-8").getByText("holding:x").click();
  await page.keyboard.type("holding:7");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: `Apply ${many} changes` })).toBeEnabled();
  await expect(page.getByTestId("plan")).toContainText("of the wire");
  await page.keyboard.press("Control+z");
  await expect(page.getByText("1 row has an error")).toBeVisible();
  await page.keyboard.press("Control+y");
  await page.getByRole("button", { name: `Apply ${many} changes` }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText(`${many} topics appear`);
  await dialog.getByRole("button", { name: `Apply ${many} changes` }).click();
  await expect(page.getByText(`${many} changes are in force.`)).toBeVisible();
  await expect(page.getByRole("button", { name: "Apply 0 changes" })).toBeDisabled();
  await expectAccessible(page, "main");
});

test("a draft that somebody else's change meets asks whose counts", { tag: "@long" }, async ({ page }) => {
  await signIn(page, gateway());
  await open(page, gateway(), "/points/grid?device=scale");
  const cell = page.locator("[data-row='0'] [data-column='9']");
  await cell.click();
  await page.keyboard.type("lb");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Apply 1 change" })).toBeEnabled();
  const api = `${gateway().url}/api/v1`;
  const config = (await (await page.request.get(`${api}/config`)).json()) as { revision: number; devices: { id: string; points: { unit: string }[] }[] };
  const device = config.devices.find(({ id }) => id === "scale");
  const theirs = { ...device, points: device?.points.map((point) => ({ ...point, unit: "t" })) };
  expect((await page.request.put(`${api}/devices/scale`, { data: { revision: config.revision, device: theirs } })).ok()).toBe(true);
  await page.reload();
  await expect(page.getByTestId("conflicts")).toContainText("t is in force, your draft has lb.");
  await page.getByRole("button", { name: "Keep my draft" }).click();
  await page.getByRole("button", { name: "Apply 1 change" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Apply 1 change" }).click();
  await expect(page.getByText("1 change is in force.")).toBeVisible();
  await expect(cell).toHaveText("lb");
});

test("a file of another program is imported, and saved as a workbook that is read again", { tag: "@long" }, async ({ page }) => {
  await signIn(page, gateway());
  await open(page, gateway(), "/points/grid?device=tank");
  const csv = 'Tag Name,Address,Data Type,Client Access,Colour\r\nPressure,300003,Short,RO,red\r\n"Spare, new",400011,Float,R/W,blue\r\n';
  const file = page.getByLabel("Import", { exact: true });
  await file.setInputFiles({ name: "kepware.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("1 point is new.");
  await expect(dialog).toContainText("Not used: Colour");
  await expectAccessible(page, "[role=dialog]");
  await dialog.getByRole("button", { name: "Import" }).click();
  await page.getByRole("button", { name: "Apply 2 changes" }).click();
  await expect(page.getByTestId("changes")).toContainText("Spare, new is added");
  await expect(page.getByTestId("changes")).toContainText("address: input:2 → 300003");
  await page.getByRole("button", { name: "Cancel" }).click();
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "File", exact: true }).click();
  await page.getByRole("menuitem", { name: "Export XLSX" }).click();
  await page.getByRole("button", { name: "Discard draft" }).click();
  await file.setInputFiles(await (await saved).path());
  await page.getByRole("dialog").getByRole("button", { name: "Import" }).click();
  await expect(page.getByRole("button", { name: "Apply 2 changes" })).toBeEnabled();
});
