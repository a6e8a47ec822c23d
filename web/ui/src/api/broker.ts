import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

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

/** How many sessions a page shows. */
export const sessionsPerPage = 50;

export type SessionSort = "id" | "queue" | "since" | "received" | "sent";

export interface SessionQuery {
  search: string;
  sort: SessionSort;
  /** The first page is 1. */
  page: number;
}

/** useSessions follows a page of the sessions of the broker while it is looked at. Numbers and times begin with the largest. */
export function useSessions({ search, sort, page }: SessionQuery) {
  const query = { search, sort, descending: sort !== "id", offset: (page - 1) * sessionsPerPage, limit: sessionsPerPage };
  return useQuery({
    queryKey: [...keys.sessions, query],
    queryFn: () => take(client.GET("/api/v1/sessions", { params: { query } })),
    refetchInterval: refreshMs,
    placeholderData: keepPreviousData,
  });
}

/** useSessionDetail follows one session while it is looked at. */
export function useSessionDetail(id: string) {
  return useQuery({
    queryKey: [...keys.sessions, "detail", id],
    queryFn: () => take(client.GET("/api/v1/sessions/detail", { params: { query: { id } } })),
    refetchInterval: refreshMs,
    retry: false,
  });
}

/** useEndClient disconnects a client, or removes its session with what is queued for it. */
export function useEndClient(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (what: "disconnect" | "remove") => {
      const sent = { body: { id } };
      return take(what === "disconnect" ? client.POST("/api/v1/sessions/disconnect", sent) : client.POST("/api/v1/sessions/remove", sent));
    },
    onSettled: () => cache.invalidateQueries({ queryKey: keys.sessions }),
  });
}
