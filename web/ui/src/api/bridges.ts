import { useMutation } from "@tanstack/react-query";

import { client, take } from "./client";
import { useConfigChanged } from "./config";
import type { Bridge } from "./model";

export function useSaveBridge() {
  const changed = useConfigChanged();
  return useMutation({
    mutationFn: ({ id, ...body }: { id?: string; revision: number; bridge: Bridge }) =>
      id === undefined
        ? take(client.POST("/api/v1/bridges", { body }))
        : take(client.PUT("/api/v1/bridges/{id}", { params: { path: { id } }, body })),
    onSettled: changed,
  });
}

export function useDeleteBridge() {
  const changed = useConfigChanged();
  return useMutation({
    mutationFn: ({ id, revision }: { id: string; revision: number }) =>
      // The page has asked, and said that what waits goes with it.
      take(client.DELETE("/api/v1/bridges/{id}", { params: { path: { id }, query: { revision, discardBacklog: true } } })),
    onSettled: changed,
  });
}
