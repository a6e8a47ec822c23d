// The gateway under test: the built program, as `make build` leaves it, with its simulated plant and cloud.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../../build/tidegate", import.meta.url));
const startWithin = 15_000;
const endWithin = 3000;
/** In place of the addresses that only the demo has: port 1 of this machine refuses at once. */
const nowhere = "127.0.0.1:1";

export interface Gateway {
  /** Where the page is, without the token. */
  url: string;
  /** The one-time token of the printed link. */
  token: string;
  mqtt: { host: string; port: number };
  /** The simulated controller of the demo, which speaks Modbus TCP. */
  plc: { host: string; port: number };
  /** The demo's own cloud, as a bridge names it. */
  cloud: string;
  /** Stops the process where it is, as a lost network looks from the page, until it is told to go on. */
  freeze: () => void;
  thaw: () => void;
  stop: () => Promise<void>;
}

/** startGateway starts the demo with ports and a directory of its own; who calls it has to stop it. */
export function startGateway(): Promise<Gateway> {
  return start(["demo", ...["--http", "--mqtt", "--cloud-listen"].flatMap((flag) => [flag, "127.0.0.1:0"])]);
}

/** startService starts the service with an empty configuration. Its page has a port that stays the same when it restarts itself. */
export async function startService(): Promise<Gateway> {
  const page = `127.0.0.1:${await freePort()}`;
  return start(["serve", "--http", page, "--https", "off", "--mqtt", "127.0.0.1:0", "--log-level", "error"]);
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function start(args: string[]): Promise<Gateway> {
  // The path is short, because that of a Unix socket may have 107 bytes.
  const dir = await mkdtemp(join(tmpdir(), "tg-"));
  const child = spawn(program, [...args, "--data", join(dir, "data"), "--runtime", join(dir, "run")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const stop = async () => {
    await end(child);
    await rm(dir, { recursive: true, force: true });
  };
  try {
    return { ...parse(await printed(child)), freeze: () => child.kill("SIGSTOP"), thaw: () => child.kill("SIGCONT"), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** printed reads what the program says until it is ready: the control socket is its last line. */
async function printed(child: ChildProcess): Promise<string> {
  if (!child.stdout) {
    throw new Error("the program has no output");
  }
  const lines: string[] = [];
  const late = setTimeout(() => child.kill("SIGKILL"), startWithin);
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      if (line.startsWith("control ")) {
        child.stdout.resume();
        return lines.join("\n");
      }
    }
  } finally {
    clearTimeout(late);
  }
  throw new Error(`the gateway ended before it was ready:\n${lines.join("\n")}`);
}

function parse(text: string): Omit<Gateway, "freeze" | "thaw" | "stop"> {
  const page = new URL(found(text, /^page\s+(\S+)$/m));
  return {
    url: page.origin,
    token: page.hash.replace("#setup=", ""),
    mqtt: address(found(text, /^mqtt\s+(\S+)$/m)),
    plc: address(text.includes("\nplant ") ? found(text, /^plant\s+Modbus TCP slave (\S+)$/m) : nowhere),
    cloud: text.includes("\ncloud ") ? found(text, /^cloud\s+(\S+)$/m) : nowhere,
  };
}

function found(text: string, pattern: RegExp): string {
  const value = pattern.exec(text)?.[1];
  if (value === undefined) {
    throw new Error(`no line like ${pattern.source} in:\n${text}`);
  }
  return value;
}

function address(text: string): { host: string; port: number } {
  const at = text.lastIndexOf(":");
  return { host: text.slice(0, at), port: Number(text.slice(at + 1)) };
}

/** end asks the program to stop and insists after a while; a gateway that does not end in time is an error. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  const gone = once(child, "exit");
  child.kill("SIGINT");
  const late = setTimeout(() => child.kill("SIGKILL"), endWithin);
  await gone;
  clearTimeout(late);
  if (child.signalCode === "SIGKILL") {
    throw new Error(`the gateway did not end within ${endWithin} ms`);
  }
}
