import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { client, take } from "./client";
import { keys } from "./keys";
import { asProblem } from "./problem";

const refreshMs = 3_000;
/** A browser keeps some connections from before a certificate was changed; each of them is closed when it is used. */
const oldConnections = 6;
const reconnectMs = 200;

/** usePending follows the changes that undo themselves unless somebody keeps them. */
export function usePending(enabled: boolean) {
  return useQuery({
    queryKey: keys.pending,
    queryFn: () => take(client.GET("/api/v1/changes")),
    refetchInterval: refreshMs,
    enabled,
  });
}

/** useDecide keeps a pending change, or undoes it now. */
export function useDecide() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ id, keep }: { id: string; keep: boolean }) => {
      const params = { params: { path: { id } } };
      return take(keep ? client.POST("/api/v1/changes/{id}/keep", params) : client.POST("/api/v1/changes/{id}/undo", params));
    },
    retry: (failures, error) => failures < oldConnections && asProblem(error).code === "conflict",
    retryDelay: reconnectMs,
    // What was undone may be shown anywhere.
    onSettled: () => cache.invalidateQueries(),
  });
}
