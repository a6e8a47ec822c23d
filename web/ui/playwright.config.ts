import { defineConfig } from "@playwright/test";

// Three browsers at a time on two cores; they wait more than they work. Each file of tests starts
// a gateway of its own (e2e/gateway.ts), so there is no server here.
export default defineConfig({
  testDir: "e2e",
  workers: 3,
  retries: 0,
  timeout: 30_000,
  expect: { timeout: 8000 },
  reporter: "line",
  forbidOnly: true,
  use: {
    locale: "en-GB",
    contextOptions: { reducedMotion: "reduce" },
    screenshot: "only-on-failure",
    launchOptions: {
      // Half the work of the whole browser.
      executablePath: "/usr/bin/chromium-headless-shell",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  projects: [
    // Devices are for the one who stands in front of the cabinet.
    { name: "desktop", grepInvert: /a register nobody knows|a device is added|a device that does not answer|written and read back|has overtaken|chart of points/, use: { viewport: { width: 1280, height: 800 } } },
    {
      name: "phone",
      // What a technician does on a phone, and the looks of every page; the other flows do not depend on the width.
      testMatch: /(devices|journey|pages)\.spec\.ts/,
      grepInvert: /set-up|login|every form|first key|of the settings/,
      use: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
    },
  ],
});
