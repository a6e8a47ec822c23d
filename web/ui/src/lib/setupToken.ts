// The set-up token comes in the fragment of the printed link, which no server and no log sees. It is kept for the tab
// and removed from the address, so that it does not stay in the history.

const storageKey = "tidegate-setup-token";

interface Page {
  location: { hash: string; pathname: string; search: string };
  history: { replaceState(data: unknown, unused: string, url: string): void };
  sessionStorage: { setItem(key: string, value: string): void };
}

/** tokenIn finds the token in a fragment: "#setup=TOKEN". */
export function tokenIn(hash: string): string | undefined {
  const match = /^#\/?setup(?:\?token)?=([^&]+)/.exec(hash);
  return match?.[1] === undefined ? undefined : decodeURIComponent(match[1]);
}

/** takeSetupToken moves the token from the address into the tab's storage and goes to the set-up page. */
export function takeSetupToken(page: Page): void {
  const token = tokenIn(page.location.hash);
  if (token === undefined) {
    return;
  }
  page.sessionStorage.setItem(storageKey, token);
  page.history.replaceState(null, "", `${page.location.pathname}${page.location.search}#/setup`);
}

export function setupToken(): string {
  return sessionStorage.getItem(storageKey) ?? "";
}

export function forgetSetupToken(): void {
  sessionStorage.removeItem(storageKey);
}
