import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./global.css";

import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { setNonce } from "get-nonce";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { Problem } from "./api/problem";
import { router } from "./app";
import { startTexts } from "./i18n";
import { styleNonce } from "./lib/styleNonce";
import { takeSetupToken, tokenIn } from "./lib/setupToken";
import { cssVariables, theme } from "./theme";

const retries = 2;

const cache = new QueryClient({
  defaultOptions: {
    queries: {
      // What the server refused it will refuse again; only a lost network is worth another try.
      retry: (count, error) => error instanceof Problem && error.code === "offline" && count < retries,
    },
  },
});

async function start(root: HTMLElement): Promise<void> {
  // The printed link is http://host:port/#setup=TOKEN, which is no place of the router.
  takeSetupToken(window);
  window.addEventListener("hashchange", () => {
    if (tokenIn(window.location.hash) !== undefined) {
      takeSetupToken(window);
      window.location.reload();
    }
  });
  await startTexts();
  const nonce = styleNonce(document);
  // The lock of the scroll bar below drawers adds a style element too.
  setNonce(nonce);
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto" getStyleNonce={() => nonce}>
        <QueryClientProvider client={cache}>
          <Notifications position="top-right" />
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}

const root = document.getElementById("root");
if (root) {
  void start(root);
}
