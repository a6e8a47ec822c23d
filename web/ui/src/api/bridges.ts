import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";

import { client, take } from "./client";
import { useConfigChanged } from "./config";
import { keys } from "./keys";
import type { BridgeIdentity, BridgeOrder, Route } from "./model";

export function useSaveBridge() {
  const changed = useConfigChanged();
  return useMutation({
    mutationFn: ({ id, ...body }: BridgeOrder & { id?: string }) =>
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
    mutationFn: (body: BridgeOrder) => take(client.POST("/api/v1/bridges/test", { body })),
  });
}

/** useCheckBridge says what hinders a bridge from being saved, and what to think of before. */
export function useCheckBridge() {
  return useMutation({
    mutationFn: (body: BridgeOrder) => take(client.POST("/api/v1/bridges/check", { body })),
  });
}

/** What is typed or dropped is looked at when it has been still for so long. */
const stillMs = 300;

/** settled is a question when it has not changed for a moment, as text: a text is the same when its content is. */
function useSettled(question: unknown): string {
  return useDebouncedValue(JSON.stringify(question), stillMs)[0];
}

interface Certificates {
  /** The saved bridge, whose pending key is tried. */
  bridge?: string;
  ca?: string;
  /** A client certificate that is there already. */
  chain?: string;
  /** One that is to take its place. */
  identity?: BridgeIdentity;
}

/** useBridgeCertificates says what is in certificates, and whether the key belongs to them; nothing is taken or kept. */
export function useBridgeCertificates(asked: Certificates) {
  const text = useSettled(asked);
  const { bridge, ...rest } = JSON.parse(text) as Certificates;
  return useQuery({
    queryKey: [...keys.bridgeCertificates, text],
    queryFn: () => take(client.POST("/api/v1/bridges/certificate/check", { body: { bridge, ...rest } })),
    enabled: Object.keys(rest).length > 0,
    gcTime: 0,
    retry: false,
  });
}

/** useRequestCertificate makes a key on the device, which stays there, and gives the request for its certificate. */
export function useRequestCertificate() {
  const changed = useConfigChanged();
  return useMutation({
    mutationFn: ({ id, revision }: { id: string; revision: number }) =>
      take(client.POST("/api/v1/bridges/{id}/certificate/request", { params: { path: { id } }, body: { revision } })),
    onSettled: changed,
  });
}

/** useRoutePreviews says which of the topics of now each route takes; what was known stays until the next answer. */
export function useRoutePreviews(routes: readonly Route[]) {
  const text = useSettled(routes);
  return useQuery({
    queryKey: [...keys.routePreviews, text],
    queryFn: () => take(client.POST("/api/v1/bridges/routes/preview", { body: { routes: JSON.parse(text) as Route[] } })),
    placeholderData: keepPreviousData,
    gcTime: 0,
    retry: false,
  });
}
