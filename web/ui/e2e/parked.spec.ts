import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expectAccessible, expectNoSidewaysScrolling } from "./accessible";
import { freePort } from "./gateway";
import { expect, gatewayOfFile, open, signIn, test } from "./tidegate";

const gateway = gatewayOfFile();

/** The cloud takes packets of at most so many bytes, and says so. */
const most = 2000;
let cloud: ChildProcess;
let directory: string;
let port: number;

test.beforeAll(async () => {
  port = await freePort();
  directory = await mkdtemp(join(tmpdir(), "tg-cloud-"));
  const file = join(directory, "mosquitto.conf");
  await writeFile(file, `listener ${port} 127.0.0.1\nallow_anonymous true\nmax_packet_size ${most}\n`);
  cloud = spawn("/usr/sbin/mosquitto", ["-c", file], { stdio: "ignore" });
});

test.afterAll(async () => {
  cloud.kill();
  await rm(directory, { recursive: true, force: true });
});

test("refused messages are listed with the reason, sent again and discarded", { tag: "@long" }, async ({ page }) => {
  await signIn(page, gateway());
  const api = `${gateway().url}/api/v1`;
  const { revision } = (await (await page.request.get(`${api}/config`)).json()) as { revision: number };
  const bridge = { id: "choosy", name: "Choosy", url: `mqtt://127.0.0.1:${port}`, version: 5, routes: [{ direction: "out", filter: "line/#", qos: 1 }] };
  const added = await page.request.post(`${api}/bridges`, { data: { revision, bridge } });
  expect(added.ok(), await added.text()).toBe(true);
  for (const [topic, size] of [["line/a", 3000], ["line/b", 10], ["line/c", 4000]] as const) {
    const sent = await page.request.post(`${api}/broker/publish`, { data: { topic, payload: btoa("x".repeat(size)), qos: 1, retain: false } });
    expect(sent.ok(), await sent.text()).toBe(true);
  }
  await open(page, gateway(), "/bridges/choosy");
  const refused = page.getByRole("region", { name: "Refused messages", exact: true });
  await expect(refused.getByText("refused 2 messages for good")).toBeVisible();
  await expect(refused.getByText("packet too large")).toHaveCount(2);
  await expectNoSidewaysScrolling(page);
  await expectAccessible(page, "main");

  await refused.getByRole("checkbox", { name: /Select line\/c/ }).check();
  await refused.getByRole("button", { name: "Discard 1" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Discard" }).click();
  await expect(page.getByText("1 message was discarded.")).toBeVisible();
  await expect(refused.getByText("packet too large")).toHaveCount(1);

  await refused.getByRole("button", { name: "Send all again" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Send again" }).click();
  await expect(page.getByText("1 message was queued again.")).toBeVisible();
  await expect(refused.getByText("refused 1 message for good")).toBeVisible();
});

test("refused messages are an alarm that is acknowledged, ends, and is looked up", { tag: "@long" }, async ({ page }) => {
  test.slow();
  await signIn(page, gateway());
  const api = `${gateway().url}/api/v1`;
  const { revision } = (await (await page.request.get(`${api}/config`)).json()) as { revision: number };
  const bridge = { id: "picky", name: "Picky", url: `mqtt://127.0.0.1:${port}`, version: 5, routes: [{ direction: "out", filter: "hall/#", qos: 1 }] };
  const added = await page.request.post(`${api}/bridges`, { data: { revision, bridge } });
  expect(added.ok(), await added.text()).toBe(true);
  const sent = await page.request.post(`${api}/broker/publish`, { data: { topic: "hall/a", payload: btoa("x".repeat(3000)), qos: 1, retain: false } });
  expect(sent.ok(), await sent.text()).toBe(true);

  await page.setViewportSize({ width: 390, height: 844 });
  await open(page, gateway(), "/diagnostics");
  const title = "The other broker of bridge picky refuses messages";
  await expect(page.getByRole("img", { name: /\d alarms? that nobody has acknowledged/ })).toBeVisible();
  const acknowledge = page.getByRole("button", { name: `Acknowledge: ${title}` });
  await expect(acknowledge).toBeVisible();
  await expectAccessible(page, "main");
  await acknowledge.click();
  await expect(page.getByText("Acknowledged by anna")).toBeVisible();
  await expect(acknowledge).toBeHidden();
  await expectAccessible(page, "main");
  await page.reload();
  await expect(page.getByText("Acknowledged by anna")).toBeVisible();

  const discarded = await page.request.post(`${api}/bridges/picky/parked/discard`, { data: {} });
  expect(discarded.ok(), await discarded.text()).toBe(true);
  const past = page.getByRole("region", { name: "What happened before" });
  await expect(past.getByText(title)).toBeVisible({ timeout: 40_000 });
  await expect(past.getByText("Acknowledged by anna")).toBeVisible();
  await expectNoSidewaysScrolling(page);
  await expectAccessible(page, "main");
  await page.setViewportSize({ width: 1280, height: 800 });
  await expect(past.getByRole("table").getByRole("row")).toHaveCount(2);
  await expectAccessible(page, "main");
  await past.getByRole("textbox", { name: "About" }).fill("somewhere else");
  await expect(past.getByText("No such alarm has come and gone.")).toBeVisible();
});
