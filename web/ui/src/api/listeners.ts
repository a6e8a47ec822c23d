import { useMutation } from "@tanstack/react-query";

import { client, take } from "./client";
import { useConfigChanged } from "./config";
import type { Listener, LocalLogin } from "./model";

export interface ListenerOrder {
  /** Undefined for a new one. */
  id: string | undefined;
  revision: number;
  listener: Listener;
}

export function useSaveListener() {
  return useMutation({
    mutationFn: ({ id, ...body }: ListenerOrder) =>
      id === undefined
        ? take(client.POST("/api/v1/listeners", { body }))
        : take(client.PUT("/api/v1/listeners/{id}", { params: { path: { id } }, body })),
    onSettled: useConfigChanged(),
  });
}

export function useRemoveListener() {
  return useMutation({
    mutationFn: ({ id, revision }: { id: string; revision: number }) =>
      take(client.DELETE("/api/v1/listeners/{id}", { params: { path: { id }, query: { revision } } })),
    onSettled: useConfigChanged(),
  });
}

/** useLocalLogin says whether clients on the machine itself need a name. */
export function useLocalLogin() {
  return useMutation({
    mutationFn: (body: { revision: number; localLogin: LocalLogin }) => take(client.PUT("/api/v1/local-login", { body })),
    onSettled: useConfigChanged(),
  });
}
