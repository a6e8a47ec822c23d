import { connect, type Socket } from "node:net";

import { expectAccessible } from "./accessible";
import { expect, field, gatewayOfFile, open, signIn, test } from "./tidegate";

const gateway = gatewayOfFile();

test("a bridge is added, forwards, is changed and deleted", async ({ page }) => {
  await signIn(page, gateway());
  await open(page, gateway(), "/bridges");
  await expect(page.getByTestId("bridge-cloud")).toContainText("Up");

  await page.getByRole("button", { name: "Add bridge" }).click();
  const next = page.getByRole("button", { name: "Next" });
  await page.getByRole("button", { name: "Any broker" }).click();
  await field(page, "Address of the broker").fill("http://cloud.example");
  await next.click();
  await expect(page.getByText("Use mqtt://host:1883, mqtts://host:8883, ws://host/mqtt or wss://host/mqtt.")).toBeVisible();
  await field(page, "Address of the broker").fill(gateway().cloud);
  await next.click();
  const steps = page.getByRole("status", { name: "Result of the test" });
  await expect(steps.getByRole("listitem").filter({ hasText: "Publish and echo" })).toContainText("Passed");
  await expectAccessible(page, "[role=dialog]");
  await next.click();
  await expect(page.getByRole("dialog")).toContainText(/Matches \d+ topics now/);
  await field(page, "Prefix").fill("second/");
  await expect(page.getByRole("dialog").getByText(/^second\//).first()).toBeVisible();
  await next.click();
  await next.click();
  await field(page, "Name").fill("Second cloud");
  await field(page, "Id").fill("second-cloud");
  await page.getByRole("dialog").getByRole("button", { name: "Add bridge" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Second cloud" })).toBeVisible();
  await open(page, gateway(), "/bridges");
  const bridge = page.getByTestId("bridge-second-cloud");
  await expect(bridge).toContainText("Up");
  await expect(bridge).toContainText(/Forwarded\s*[1-9]/);

  await page.getByRole("button", { name: "Edit Second cloud" }).click();
  await field(page, "Name").fill("Archive");
  await page.getByRole("switch", { name: "Switched on" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(bridge).toContainText("Archive");
  await expect(bridge).toContainText("Off");

  await page.getByRole("button", { name: "Delete Archive" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true }).click();
  await expect(bridge).toBeHidden();
  await expect(page.getByTestId("bridge-cloud")).toBeVisible();
});

test("the broker page lists who is connected", async ({ page }) => {
  await signIn(page, gateway());
  await open(page, gateway(), "/broker");
  const client = await connectMQTT("press-7");
  try {
    await expect(page.getByText("press-7", { exact: true })).toBeVisible();
    await expect(page.getByText("MQTT 3.1.1").first()).toBeVisible();
  } finally {
    client.destroy();
  }
  await expect(page.getByText("press-7", { exact: true })).toBeHidden();
});

test("the broker page shows the queue of a shared subscription, and what was given up", { tag: "@long" }, async ({ page }) => {
  await signIn(page, gateway());
  const session = [await connectMQTT("press-8", { stays: true }), await connectMQTT("press-9", { stays: true })] as const;
  // Nobody waits at QoS 0: once the client is away, its messages are given up.
  await subscribe(session[0], "demo/#", 0);
  await subscribe(session[1], "$share/crew/demo/#", 1);
  session.forEach((socket) => socket.destroy());
  await open(page, gateway(), "/broker");
  const sessions = page.getByRole("table", { name: "Sessions" });
  await expect(sessions.getByRole("row", { name: "Queue of a shared subscription · group crew" })).toBeVisible();
  await open(page, gateway(), "/broker?tab=givenUp");
  // The audit is written every five seconds, and the page asks for it every ten.
  const loss = page.getByRole("table", { name: "Given up" }).getByRole("row", { name: /press-8 QoS 0, the receiver was away/ }).first();
  await expect(async () => {
    await page.reload();
    await expect(loss).toBeVisible({ timeout: 1500 });
  }).toPass({ timeout: 20_000 });
});

/** connectMQTT is the smallest client: an MQTT 3.1.1 CONNECT, kept open; its session goes with it unless it stays. */
async function connectMQTT(clientID: string, { stays = false } = {}): Promise<Socket> {
  const id = Buffer.from(clientID);
  const body = Buffer.concat([Buffer.from([0, 4, 0x4d, 0x51, 0x54, 0x54, 4, stays ? 0 : 2, 0, 60, 0, id.length]), id]);
  const socket = connect(gateway().mqtt);
  expect([...(await answered(socket, 0x10, body))]).toEqual([0x20, 2, 0, 0]);
  return socket;
}

async function subscribe(socket: Socket, filter: string, qos: 0 | 1): Promise<void> {
  const text = Buffer.from(filter);
  const body = Buffer.concat([Buffer.from([0, 1, 0, text.length]), text, Buffer.from([qos])]);
  const answer = await answered(socket, 0x82, body);
  expect([...answer.subarray(0, 5)]).toEqual([0x90, 3, 0, 1, qos]);
}

/** answered sends a packet of less than 128 bytes and gives the first bytes that come back. */
async function answered(socket: Socket, type: number, body: Buffer): Promise<Buffer> {
  const answer = new Promise<Buffer>((resolve, reject) => {
    socket.once("data", resolve);
    socket.once("error", reject);
  });
  socket.write(Buffer.concat([Buffer.from([type, body.length]), body]));
  return answer;
}
