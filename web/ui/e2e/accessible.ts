// The rules of WCAG 2.2 AA that a program can check.
import { AxeBuilder } from "@axe-core/playwright";
import { type Page } from "@playwright/test";

import { type Gateway } from "./gateway";
import { expect, open, signIn, test } from "./tidegate";

const rules = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"];
/** The colours do not depend on the width of the screen: the light ones are looked at on the desktop, the dark ones on the phone. */
const scheme = () => (test.info().project.name === "phone" ? "dark" : "light");

/** expectAccessible looks at the whole page, or at a part of it if the rest is looked at elsewhere. */
export async function expectAccessible(page: Page, part = "html"): Promise<void> {
  await page.emulateMedia({ colorScheme: scheme() });
  await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", scheme());
  // Legacy mode judges on the page itself; the other one takes a second page, for frames, of which there are none here.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().include(part).withTags(rules).analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  expect(found, `${page.url()} in ${scheme()}`).toEqual([]);
}

/** expectNoSidewaysScrolling: on a phone a page that is too wide hides things. */
export async function expectNoSidewaysScrolling(page: Page): Promise<void> {
  const excess = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(excess, `${page.url()} is wider than the screen`).toBeLessThanOrEqual(0);
}

/** expectGoodPages looks at pages one after the other: one log-in for all of them. */
export async function expectGoodPages(page: Page, gateway: Gateway, list: readonly { path: string; shows: string }[]): Promise<void> {
  await signIn(page, gateway);
  for (const { path, shows } of list) {
    await test.step(path, async () => {
      await open(page, gateway, path);
      await expect(page.getByText(shows).first()).toBeVisible();
      await expectNoSidewaysScrolling(page);
      // The frame around the pages is the same for all of them.
      await expectAccessible(page, path === "/" ? "html" : "main");
    });
  }
}
