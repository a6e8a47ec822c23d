import { useMutation } from "@tanstack/react-query";

import { client, take } from "./client";
import type { Connection, Range } from "./model";

/** useReadRange reads a range of registers or bits with all that they may mean; nothing is saved. */
export function useReadRange() {
  return useMutation({
    mutationFn: (body: { connection: Connection; range: Range }) => take(client.POST("/api/v1/connections/read", { body })),
  });
}
