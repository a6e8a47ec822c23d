import { rmSync } from "node:fs";

import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

// dist/ has a committed placeholder.html that Vite would delete with the rest; so only the old assets go.
const removeOldAssets: Plugin = {
  name: "remove-old-assets",
  apply: "build",
  buildStart: () => rmSync(new URL("dist/assets", import.meta.url), { recursive: true, force: true }),
};

// The built page is embedded into the program and may be served below any path, so every reference is relative.
export default defineConfig({
  base: "",
  plugins: [react(), removeOldAssets],
  build: {
    target: "es2022",
    emptyOutDir: false,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: true,
  },
  server: {
    proxy: { "/api": { target: "http://127.0.0.1:8080" } },
  },
  test: {
    environment: "node",
    // Most of the time went into loading the same libraries for each file anew; no file leaves anything behind.
    isolate: false,
    include: ["src/**/*.test.{ts,tsx}"],
  },
});
