import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { baseUrl, client, take } from "./client";
import { keys } from "./keys";

/** So many come at once; the rest follows when these are handled. */
export const parkedPage = 100;
const incompleteMs = 2000;

/**
 * useParked is the oldest of what the other broker refused, asked for again when there are more or fewer, and until all are
 * there: they are counted a moment before they can be read.
 */
export function useParked(id: string, count: number) {
  return useQuery({
    queryKey: [...keys.parked, id, count],
    queryFn: () => take(client.GET("/api/v1/bridges/{id}/parked", { params: { path: { id } } })),
    placeholderData: (before) => before,
    enabled: count > 0,
    refetchInterval: ({ state }) => ((state.data?.length ?? 0) < Math.min(count, parkedPage) ? incompleteMs : false),
  });
}

export type ParkedAction = "send" | "discard";

/** useHandleParked sends refused messages again or throws them away: those at the positions, or all. */
export function useHandleParked(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ action, positions }: { action: ParkedAction; positions: number[] | undefined }) => {
      const order = { params: { path: { id } }, body: { positions } };
      return action === "send" ? take(client.POST("/api/v1/bridges/{id}/parked/send", order)) : take(client.POST("/api/v1/bridges/{id}/parked/discard", order));
    },
    onSettled: () => cache.invalidateQueries({ queryKey: keys.parked }),
  });
}

/** parkedUrl is where the browser gets all of them as a file. */
export function parkedUrl(id: string): string {
  return `${baseUrl()}/api/v1/bridges/${encodeURIComponent(id)}/parked/export`;
}
