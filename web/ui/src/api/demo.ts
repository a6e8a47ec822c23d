import { useMutation } from "@tanstack/react-query";

import { client, take } from "./client";

/** useOutage cuts the demo's link to its cloud for a time; 0 seconds mends it at once. */
export function useOutage() {
  return useMutation({
    mutationFn: (seconds: number) => take(client.POST("/api/v1/demo/outage", { body: { seconds } })),
  });
}
