import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

// dist/ has a committed placeholder.html that Vite would delete with the rest; so only the old assets go.
const removeOldAssets: Plugin = {
  name: "remove-old-assets",
  apply: "build",
  buildStart: () => rmSync(new URL("dist/assets", import.meta.url), { recursive: true, force: true }),
};

// The program has scripts and styles compressed only, as browsers ask for them.
const compressAssets: Plugin = {
  name: "compress-assets",
  apply: "build",
  closeBundle: () => {
    const folder = new URL("dist/assets/", import.meta.url);
    for (const name of readdirSync(folder).filter((file) => /\.(js|css|svg)$/.test(file))) {
      const file = new URL(name, folder);
      writeFileSync(new URL(`${name}.gz`, folder), gzipSync(readFileSync(file), { level: 9 }));
      rmSync(file);
    }
  },
};

// The built page is embedded into the program and may be served below any path, so every reference is relative.
export default defineConfig({
  base: "",
  // Each document gets a nonce of its own in place of this (ui.go), and its style elements with it.
  html: { cspNonce: "STYLE-NONCE" },
  plugins: [react(), removeOldAssets, compressAssets],
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
