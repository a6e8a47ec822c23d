import { useMutation, useQuery } from "@tanstack/react-query";

import { client, take } from "./client";
import { useConfigChanged } from "./config";
import { keys } from "./keys";
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

/** useBridgePresets are the clouds whose rules are known; they come with the program. */
export function useBridgePresets() {
  return useQuery({
    queryKey: keys.bridgePresets,
    queryFn: () => take(client.GET("/api/v1/bridge-presets")),
    staleTime: Infinity,
  });
}

/** useTestBridge tries the connection of a bridge as the form has it, without saving anything. */
export function useTestBridge() {
  return useMutation({
    mutationFn: (body: { revision: number; bridge: Bridge }) => take(client.POST("/api/v1/bridges/test", { body })),
  });
}

/** useCheckBridge says what hinders a bridge from being saved, and what to think of before. */
export function useCheckBridge() {
  return useMutation({
    mutationFn: (body: { revision: number; bridge: Bridge }) => take(client.POST("/api/v1/bridges/check", { body })),
  });
}

/** useCheckCertificate says what is in a certificate, and whether its key belongs to it; nothing is taken. */
export function useCheckCertificate() {
  return useMutation({
    mutationFn: (body: { certificate: string; key: string }) => take(client.POST("/api/v1/certificates/check", { body })),
  });
}
