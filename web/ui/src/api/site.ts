import { useMutation } from "@tanstack/react-query";

import { client, take } from "./client";
import { useConfigChanged } from "./config";
import type { HistoryLimits } from "./model";

export function useSaveSite() {
  return useMutation({
    mutationFn: (body: { revision: number; name: string; timeZone: string }) => take(client.PUT("/api/v1/site", { body })),
    onSettled: useConfigChanged(),
  });
}

/** useSaveHistory changes how much of the past is kept. */
export function useSaveHistory() {
  return useMutation({
    mutationFn: (body: { revision: number; history: HistoryLimits }) => take(client.PUT("/api/v1/history/limits", { body })),
    onSettled: useConfigChanged(),
  });
}
