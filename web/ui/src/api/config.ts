import { useQuery, useQueryClient } from "@tanstack/react-query";

import { client, take } from "./client";
import { keys } from "./keys";

export function useConfig() {
  return useQuery({
    queryKey: keys.config,
    queryFn: () => take(client.GET("/api/v1/config")),
    staleTime: 5_000,
  });
}

/**
 * useConfigChanged is called after a change, also one that was refused, because a conflict means that the page is behind:
 * the server is asked again, nothing is guessed. It resolves when the new configuration is there, so that a form closes
 * onto a page that shows what it did.
 */
export function useConfigChanged() {
  const cache = useQueryClient();
  return async () => {
    await cache.invalidateQueries({ queryKey: keys.config });
  };
}
