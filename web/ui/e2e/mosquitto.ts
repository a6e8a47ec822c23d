// Debian's Mosquitto with TLS, a name and a password, and an authority of its own: the broker at the other end of a bridge.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

import { freePort } from "./gateway";

const run = promisify(execFile);
const startWithin = 5000;

export const login = { username: "plant", password: "tide and time" };

export interface Mosquitto {
  port: number;
  /** The certificate of its authority, as a file. */
  ca: string;
  /** cut ends it where it is, as a cable that is pulled; mend starts it on the same port. */
  cut: () => Promise<void>;
  mend: () => Promise<void>;
  remove: () => Promise<void>;
}

/** startMosquitto makes the certificates and starts the broker; who calls it has to remove it. */
export async function startMosquitto(): Promise<Mosquitto> {
  const dir = await mkdtemp(join(tmpdir(), "mq-"));
  const port = await freePort();
  const at = (name: string) => join(dir, name);
  await certify(dir);
  await run("mosquitto_passwd", ["-b", "-c", at("passwords"), login.username, login.password]);
  await writeFile(
    at("mosquitto.conf"),
    [
      `listener ${port} 127.0.0.1`,
      `cafile ${at("plant-ca.pem")}`,
      `certfile ${at("broker.pem")}`,
      `keyfile ${at("broker.key")}`,
      "allow_anonymous false",
      `password_file ${at("passwords")}`,
      // Started by root it would take rights that cannot read this directory.
      ...(process.getuid?.() === 0 ? ["user root"] : []),
    ].join("\n"),
  );
  let child: ChildProcess | undefined;
  const mend = async () => {
    child = spawn("mosquitto", ["-c", at("mosquitto.conf")], { stdio: "ignore", env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } });
    await answering(port);
  };
  const cut = async () => {
    if (child && child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  };
  await mend();
  return {
    port,
    ca: at("plant-ca.pem"),
    cut,
    mend,
    remove: async () => {
      await cut();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** certify makes an authority, and a certificate of it for localhost. */
async function certify(dir: string): Promise<void> {
  const openssl = (...args: string[]) => run("openssl", args, { cwd: dir });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  await openssl("req", "-x509", ...key, "-keyout", "plant-ca.key", "-out", "plant-ca.pem", "-days", "400", "-subj", "/CN=Plant CA");
  await openssl("req", ...key, "-keyout", "broker.key", "-out", "broker.csr", "-subj", "/CN=localhost");
  await writeFile(join(dir, "names"), "subjectAltName=DNS:localhost\n");
  await openssl("x509", "-req", "-in", "broker.csr", "-CA", "plant-ca.pem", "-CAkey", "plant-ca.key", "-CAcreateserial", "-out", "broker.pem", "-days", "300", "-extfile", "names");
}

async function answering(port: number): Promise<void> {
  for (const end = Date.now() + startWithin; Date.now() < end; ) {
    const socket = connect(port, "127.0.0.1");
    // oxlint-disable-next-line no-await-in-loop
    const outcome = await Promise.race([once(socket, "connect"), once(socket, "error")]).then(
      () => "connected",
      () => "refused",
    );
    socket.destroy();
    if (outcome === "connected") {
      return;
    }
    // oxlint-disable-next-line no-await-in-loop
    await pause(50);
  }
  throw new Error(`Mosquitto does not answer on port ${port}`);
}
