import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { baseUrl, client, take } from "./client";
import { useConfigChanged } from "./config";
import { keys } from "./keys";
import type { BridgePace } from "./model";

const refreshMs = 5_000;

/** useCourse follows how the backlog of a bridge became what it is: since it last was empty, an hour at least. */
export function useCourse(id: string) {
  return useQuery({
    queryKey: [...keys.backlog, id],
    queryFn: () => take(client.GET("/api/v1/bridges/{id}/backlog", { params: { path: { id } } })),
    refetchInterval: refreshMs,
  });
}

export type BridgeOrder = "pause" | "resume" | "flush";

/** useSteer pauses a bridge, resumes it, or has it try now. */
export function useSteer(id: string) {
  const changed = useConfigChanged();
  const params = { params: { path: { id } } };
  return useMutation({
    mutationFn: async (order: BridgeOrder) => {
      const sent = {
        pause: () => take(client.POST("/api/v1/bridges/{id}/pause", params)),
        resume: () => take(client.POST("/api/v1/bridges/{id}/resume", params)),
        flush: () => take(client.POST("/api/v1/bridges/{id}/flush", params)),
      };
      await sent[order]();
    },
    onSettled: changed,
  });
}

export function usePace(id: string) {
  const changed = useConfigChanged();
  return useMutation({
    mutationFn: (body: BridgePace) => take(client.POST("/api/v1/bridges/{id}/pace", { params: { path: { id } }, body })),
    onSettled: changed,
  });
}

/** usePurge throws away what waits; name is the one that was typed. */
export function usePurge(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => take(client.POST("/api/v1/bridges/{id}/purge", { params: { path: { id } }, body: { name } })),
    onSettled: () => cache.invalidateQueries({ queryKey: keys.backlog }),
  });
}

/** exportUrl is where the browser gets what waits, as a file of any size. */
export function exportUrl(id: string): string {
  return `${baseUrl()}/api/v1/bridges/${encodeURIComponent(id)}/backlog/export`;
}
