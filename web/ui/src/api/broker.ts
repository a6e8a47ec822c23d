import { useQuery } from "@tanstack/react-query";

import { client, take } from "./client";
import { keys } from "./keys";

const refreshMs = 2_000;

const slowRefreshMs = 10_000;

/** useGivenUp follows the audit of what the broker gave up. */
export function useGivenUp() {
  return useQuery({
    queryKey: keys.givenUp,
    queryFn: () => take(client.GET("/api/v1/broker/given-up")),
    refetchInterval: slowRefreshMs,
  });
}

/** useSessions follows the sessions of the broker while the page is looked at. */
export function useSessions() {
  return useQuery({
    queryKey: keys.sessions,
    queryFn: () => take(client.GET("/api/v1/sessions")),
    refetchInterval: refreshMs,
  });
}
