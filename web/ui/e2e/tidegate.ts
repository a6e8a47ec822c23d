// What every file of tests begins with: a gateway per file, a person at the screen, a page that stays at home.
import { type Page, test as base, expect } from "@playwright/test";

import { type Gateway, startGateway } from "./gateway";

export const person = { name: "anna", password: "correct horse battery" };

interface Options {
  /** What the browser may complain about; a refused login is an error to its console. */
  expectedComplaint: RegExp | undefined;
}

interface Watched {
  /** Watches every test: nothing leaves the origin, and the console stays empty of errors. */
  watch: void;
}

export const test = base.extend<Options & Watched>({
  expectedComplaint: [undefined, { option: true }],
  // Nothing is judged in the middle of a movement.
  contextOptions: { reducedMotion: "reduce" },
  watch: [
    async ({ page, expectedComplaint }, use) => {
      const requests: string[] = [];
      const complaints: string[] = [];
      page.on("request", (request) => requests.push(request.url()));
      page.on("websocket", (socket) => requests.push(socket.url()));
      page.on("console", (message) => {
        if (message.type() === "error" && !expectedComplaint?.test(message.text())) {
          complaints.push(message.text());
        }
      });
      page.on("pageerror", (error) => complaints.push(String(error)));
      await use();
      const home = new URL(page.url()).origin;
      expect(requests.filter((url) => /^(https?|wss?):/.test(url) && new URL(url).origin !== home)).toEqual([]);
      expect(complaints).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** gatewayOfFile gives the tests of a file one gateway; after a failed test the rest get a fresh one. */
export function gatewayOfFile(start: () => Promise<Gateway> = startGateway): () => Gateway {
  let gateway: Gateway | undefined;
  test.beforeAll(async () => {
    gateway = await start();
  });
  test.afterAll(async () => {
    await gateway?.stop();
  });
  return () => {
    if (!gateway) {
      throw new Error("the gateway is not running");
    }
    return gateway;
  };
}

/** signIn makes the page's visitor the administrator: by the token the first time, by the password from then on. */
export async function signIn(page: Page, gateway: Gateway): Promise<void> {
  const api = `${gateway.url}/api/v1`;
  const session = (await (await page.request.get(`${api}/session`)).json()) as { setUpDone: boolean };
  const answer = session.setUpDone
    ? await page.request.post(`${api}/login`, { data: person })
    : await page.request.post(`${api}/setup`, { data: { ...person, token: gateway.token } });
  expect(answer.ok(), await answer.text()).toBe(true);
}

/** open shows a page of the gateway by its path in the menu. */
export async function open(page: Page, gateway: Gateway, path: string): Promise<void> {
  await page.goto(`${gateway.url}/#${path}`);
}

/** goTo uses the menu, which is at the side or, on a phone, at the bottom. */
export async function goTo(page: Page, name: string): Promise<void> {
  await page.getByRole("navigation", { name: "Main menu" }).getByRole("link", { name, exact: true }).click();
  await expect(page.getByRole("main").getByRole("heading", { level: 1, name, exact: true })).toBeVisible();
}

/** choose picks an option of a list field in a dialog. */
export async function choose(page: Page, label: string, option: string): Promise<void> {
  await page.getByRole("dialog").getByRole("combobox", { name: label, exact: true }).click();
  await page.getByRole("option", { name: option, exact: true }).click();
}

/** field is a text field of the dialog that is open. */
export function field(page: Page, label: string) {
  return page.getByRole("dialog").getByRole("textbox", { name: label, exact: true });
}
