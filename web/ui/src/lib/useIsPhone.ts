import { useMediaQuery } from "@mantine/hooks";

/** useIsPhone is true below 768 px, where the menu is at the bottom. */
export function useIsPhone(): boolean {
  return useMediaQuery("(max-width: 47.99em)", false, { getInitialValueInEffect: false }) ?? false;
}

/** useIsNarrow is true below 600 px, where tables become cards. */
export function useIsNarrow(): boolean {
  return useMediaQuery("(max-width: 37.49em)", false, { getInitialValueInEffect: false }) ?? false;
}
