// A newcomer at the screen: what is tapped or clicked is counted, and text goes to where the focus is.
import type { Locator, Page } from "@playwright/test";

import { test } from "./tidegate";

export class Newcomer {
  readonly page: Page;
  readonly #begun = Date.now();
  clicks = 0;

  constructor(page: Page) {
    this.page = page;
  }

  /** Tap with a finger where there is touch, click elsewhere. */
  async press(target: Locator): Promise<void> {
    this.clicks++;
    await (test.info().project.use.hasTouch ? target.tap() : target.click());
  }

  /** write types where the focus is, in place of what is there. */
  async write(text: string): Promise<void> {
    await this.page.keyboard.press("ControlOrMeta+a");
    await this.page.keyboard.type(text);
  }

  /** next is the key of that name of a phone's keyboard, or Tab. */
  async next(): Promise<void> {
    await this.page.keyboard.press("Tab");
  }

  /** shot keeps a picture of the screen beside the results of the test. */
  async shot(name: string): Promise<void> {
    const path = test.info().outputPath(`${name}.png`);
    await this.page.screenshot({ path });
    await test.info().attach(name, { path, contentType: "image/png" });
  }

  get seconds(): number {
    return (Date.now() - this.#begun) / 1000;
  }
}
