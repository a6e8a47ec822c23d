// What MQTT.js says and hears at a broker: node talk.mjs mqtt://host:port | ws://host:port
// It ends with 0 when all of it is as MQTT has it.
import assert from "node:assert/strict";
import { once } from "node:events";
import mqtt from "mqtt";

const url = process.argv[2];
const patience = 8000;
const versions = [
  { name: "3.1", options: { protocolVersion: 3, protocolId: "MQIsdp" } },
  { name: "3.1.1", options: { protocolVersion: 4 } },
  { name: "5.0", options: { protocolVersion: 5 } },
];

/** Connects, and keeps what comes in `inbox`. */
async function connect(version, clientId, options = {}) {
  const client = mqtt.connect(url, { ...version.options, clientId, reconnectPeriod: 0, connectTimeout: patience, ...options });
  client.inbox = [];
  client.on("message", (topic, payload, packet) => client.inbox.push({ topic, payload: payload.toString(), packet }));
  const [connack] = await Promise.race([once(client, "connect"), once(client, "error").then(([e]) => Promise.reject(e))]);
  client.present = connack.sessionPresent;
  return client;
}

async function eventually(what, ok) {
  const deadline = Date.now() + patience;
  while (!ok()) {
    assert.ok(Date.now() < deadline, `not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const payloads = (client, topic) => client.inbox.filter((m) => m.topic === topic).map((m) => m.payload);
const numbers = Array.from({ length: 50 }, (_, i) => String(i));
// Whatever waits for an answer that never comes ends here.
setTimeout(() => { console.log("not within a minute"); process.exit(1); }, 60_000);

async function ordersEveryQoS(version) {
  const [sub, pub] = [await connect(version, "jsSub"), await connect(version, "jsPub")];
  await sub.subscribeAsync("order/#", { qos: 2 });
  await Promise.all([0, 1, 2].flatMap((qos) => numbers.map((n) => pub.publishAsync(`order/${qos}`, n, { qos }))));
  for (const qos of [0, 1, 2]) {
    await eventually(`all at QoS ${qos}`, () => payloads(sub, `order/${qos}`).length >= numbers.length);
    assert.deepEqual(payloads(sub, `order/${qos}`), numbers);
    assert.ok(sub.inbox.filter((m) => m.topic === `order/${qos}`).every((m) => m.packet.qos === qos));
  }
  await Promise.all([sub.endAsync(), pub.endAsync()]);
}

async function keepsRetained(version) {
  const pub = await connect(version, "jsPub");
  await pub.publishAsync("kept/a", "last", { qos: 1, retain: true });
  const sub = await connect(version, "jsSub");
  await sub.subscribeAsync("kept/+", { qos: 1 });
  await eventually("the retained message", () => sub.inbox.length === 1);
  assert.equal(sub.inbox[0].packet.retain, true);
  await pub.publishAsync("kept/a", "", { qos: 1, retain: true });
  await eventually("its removal", () => sub.inbox.length === 2);
  assert.equal(sub.inbox[1].packet.retain, false);
  await Promise.all([sub.endAsync(), pub.endAsync()]);
}

async function leavesAWill(version) {
  const sub = await connect(version, "jsSub");
  await sub.subscribeAsync("will", { qos: 1 });
  const dying = await connect(version, "jsDying", { will: { topic: "will", payload: "gone", qos: 1, retain: false } });
  dying.on("error", () => {});
  dying.stream.destroy();
  await eventually("the will", () => payloads(sub, "will").includes("gone"));
  await Promise.all([sub.endAsync(), dying.endAsync(true)]);
}

async function missesNothingWhileAway(version) {
  const lasting = version.name === "5.0" ? { clean: false, properties: { sessionExpiryInterval: 60 } } : { clean: false };
  const before = await connect(version, "jsAway", lasting);
  await before.subscribeAsync("away/#", { qos: 2 });
  await before.endAsync();
  const pub = await connect(version, "jsPub");
  for (const n of numbers) await pub.publishAsync(`away/${1 + (n % 2)}`, n, { qos: 1 + (n % 2) });
  const after = await connect(version, "jsAway", lasting);
  if (version.name !== "3.1") assert.equal(after.present, true); // 3.1 has no session present
  await eventually("what came meanwhile", () => after.inbox.length === numbers.length);
  assert.deepEqual(payloads(after, "away/1"), numbers.filter((n) => n % 2 === 0));
  assert.deepEqual(payloads(after, "away/2"), numbers.filter((n) => n % 2 === 1));
  await after.endAsync();
  const clean = await connect(version, "jsAway", { clean: true });
  assert.equal(clean.present, false);
  await Promise.all([clean.endAsync(), pub.endAsync()]);
}

/** Half a megabyte is several frames of WebSocket, and many reads. */
async function carriesHalfAMegabyte(version) {
  const client = await connect(version, "jsLarge");
  await client.subscribeAsync("large", { qos: 1 });
  const payload = "0123456789abcdef".repeat(32 << 10);
  await client.publishAsync("large", payload, { qos: 1 });
  await eventually("it is back", () => client.inbox.length === 1);
  assert.equal(client.inbox[0].payload, payload);
  await client.endAsync();
}

async function passesProperties(version) {
  const [sub, pub] = [await connect(version, "jsSub"), await connect(version, "jsPub", { properties: { topicAliasMaximum: 10 }, autoAssignTopicAlias: true })];
  await sub.subscribeAsync("properties", { qos: 1, properties: { subscriptionIdentifier: 7 } });
  const properties = {
    contentType: "text/plain", responseTopic: "answer", correlationData: Buffer.from([1, 0, 255]), payloadFormatIndicator: true,
    messageExpiryInterval: 60, userProperties: { unit: "bar", order: ["1", "2"] },
  };
  for (const n of ["1", "2"]) await pub.publishAsync("properties", n, { qos: 1, properties: { ...properties } });
  await eventually("both", () => sub.inbox.length === 2);
  for (const { packet } of sub.inbox) {
    const got = packet.properties;
    assert.equal(got.subscriptionIdentifier, 7);
    assert.ok(got.messageExpiryInterval >= 58 && got.messageExpiryInterval <= 60);
    assert.deepEqual(
      [got.contentType, got.responseTopic, [...got.correlationData], got.payloadFormatIndicator, got.userProperties.unit, got.userProperties.order],
      ["text/plain", "answer", [1, 0, 255], true, "bar", ["1", "2"]],
    );
  }
  await Promise.all([sub.endAsync(), pub.endAsync()]);
}

async function sharesASubscription(version) {
  const [a, b, pub] = [await connect(version, "jsA"), await connect(version, "jsB"), await connect(version, "jsPub")];
  for (const member of [a, b]) await member.subscribeAsync("$share/group/shared", { qos: 1 });
  await Promise.all(numbers.map((n) => pub.publishAsync("shared", n, { qos: 1 })));
  await eventually("each once", () => a.inbox.length + b.inbox.length === numbers.length);
  assert.deepEqual([...a.inbox, ...b.inbox].map((m) => m.payload).sort(), [...numbers].sort());
  assert.ok(a.inbox.length > 0 && b.inbox.length > 0);
  await Promise.all([a, b, pub].map((c) => c.endAsync()));
}

for (const version of versions) {
  const steps = [ordersEveryQoS, keepsRetained, leavesAWill, missesNothingWhileAway, carriesHalfAMegabyte];
  if (version.name === "5.0") steps.push(passesProperties, sharesASubscription);
  for (const step of steps) {
    try {
      await step(version);
    } catch (error) {
      console.log(`MQTT ${version.name}, ${step.name}: ${error.stack}`);
      process.exit(1);
    }
    console.log(`MQTT ${version.name}, ${step.name}: as it should be`);
  }
}
process.exit(0);
