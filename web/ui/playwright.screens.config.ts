// Makes the pictures of the help: make screens.
import { defineConfig } from "@playwright/test";

import tests from "./playwright.config";

export default defineConfig({
  ...tests,
  testMatch: /screens\.shots\.ts/,
  workers: 1,
  timeout: 120_000,
  projects: [{ name: "phone", use: { viewport: { width: 390, height: 720 }, deviceScaleFactor: 1.5, isMobile: true, hasTouch: true } }],
});
