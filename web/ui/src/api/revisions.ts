import { useMutation, useQuery } from "@tanstack/react-query";

import { baseUrl, client, take } from "./client";
import { useConfigChanged } from "./config";
import { keys } from "./keys";

export function useRevisions() {
  return useQuery({ queryKey: keys.revisions, queryFn: () => take(client.GET("/api/v1/revisions")) });
}

/** useRevisionChanges is what a revision changed; it never becomes something else. */
export function useRevisionChanges(number: number) {
  return useQuery({
    queryKey: [...keys.revisions, number, "changes"],
    queryFn: () => take(client.GET("/api/v1/revisions/{number}/changes", { params: { path: { number } } })),
    staleTime: Infinity,
  });
}

export function usePreviewRollback() {
  return useMutation({
    mutationFn: (number: number) => take(client.GET("/api/v1/revisions/{number}/preview", { params: { path: { number } } })),
  });
}

export function useRollBack() {
  return useMutation({
    mutationFn: ({ number, revision }: { number: number; revision: number }) =>
      take(client.POST("/api/v1/revisions/{number}/rollback", { params: { path: { number } }, body: { revision } })),
    onSettled: useConfigChanged(),
  });
}

/** exportUrl is where the browser gets the configuration as a file. */
export function exportUrl(): string {
  return `${baseUrl()}/api/v1/config/export`;
}

export function usePreviewImport() {
  return useMutation({
    mutationFn: (document: string) => take(client.POST("/api/v1/config/import/preview", { body: { document } })),
  });
}

export function useImport() {
  return useMutation({
    mutationFn: (body: { document: string; revision: number }) => take(client.POST("/api/v1/config/import", { body })),
    onSettled: useConfigChanged(),
  });
}
