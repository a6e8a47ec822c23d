import { useQuery } from "@tanstack/react-query";

import { client, take } from "./client";
import { keys } from "./keys";

const refreshMs = 2_000;

/** useSessions follows the sessions of the broker while the page is looked at. */
export function useSessions() {
  return useQuery({
    queryKey: keys.sessions,
    queryFn: () => take(client.GET("/api/v1/sessions")),
    refetchInterval: refreshMs,
  });
}
