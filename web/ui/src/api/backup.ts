import { useMutation } from "@tanstack/react-query";

import { client, take } from "./client";
import type { BackupOrder, RestorePlan } from "./model";
import { transfer } from "./transfer";

export function useMakeBackup() {
  return useMutation({
    mutationFn: (order: BackupOrder) => transfer({ path: "/api/v1/backup", body: order }),
  });
}

export interface RestoreOrder {
  file: File;
  passphrase: string;
  queue: boolean;
  history: boolean;
  onProgress: (share: number) => void;
}

/** useStageRestore sends a backup to be checked; nothing is changed by it. */
export function useStageRestore() {
  return useMutation({
    mutationFn: async ({ file, passphrase, queue, history, onProgress }: RestoreOrder) => {
      const form = new FormData();
      form.append("passphrase", passphrase);
      form.append("queue", String(queue));
      form.append("history", String(history));
      form.append("file", file); // the last one: what follows it is not read
      const { content } = await transfer({ path: "/api/v1/restore", body: form, onProgress });
      return JSON.parse(await content.text()) as RestorePlan;
    },
  });
}

export function useConfirmRestore() {
  return useMutation({
    mutationFn: (id: string) => take(client.POST("/api/v1/restore/{id}", { params: { path: { id } } })),
  });
}

export function useDiscardRestore() {
  return useMutation({
    mutationFn: (id: string) => take(client.DELETE("/api/v1/restore/{id}", { params: { path: { id } } })),
  });
}
