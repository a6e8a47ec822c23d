// The rules of WCAG 2.2 AA that a program can check.
import { AxeBuilder } from "@axe-core/playwright";
import { type Page } from "@playwright/test";

import { expect, test } from "./tidegate";

const rules = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"];
/** The colours do not depend on the width of the screen: the dark ones are looked at once. */
const schemes = () => (test.info().project.name === "phone" ? (["light"] as const) : (["light", "dark"] as const));

/** expectAccessible looks at the whole page, or at a part of it if the rest is looked at elsewhere. */
export async function expectAccessible(page: Page, part = "html"): Promise<void> {
  for (const colorScheme of schemes()) {
    await page.emulateMedia({ colorScheme });
    await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", colorScheme);
    // Legacy mode judges on the page itself; the other one takes a second page, for frames, of which there are none here.
    const axe = new AxeBuilder({ page }).setLegacyMode().include(part);
    // A scheme changes the colours and nothing else, so the second one needs only the rule about these.
    const { violations } = await (colorScheme === "light" ? axe.withTags(rules) : axe.withRules("color-contrast")).analyze();
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
    expect(found, `${page.url()} in ${colorScheme}`).toEqual([]);
  }
}
