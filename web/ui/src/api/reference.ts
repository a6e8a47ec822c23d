import { useQuery } from "@tanstack/react-query";

import type { Description } from "../lib/openapi";
import { client, take } from "./client";
import { keys } from "./keys";

/** useReference asks the gateway for the description of its API, which does not change while the page is open. */
export function useReference() {
  return useQuery({
    queryKey: keys.reference,
    // The answer is typed as text, because the document does not describe itself.
    queryFn: async () => (await take(client.GET("/api/v1/openapi.json"))) as unknown as Description,
    staleTime: Number.POSITIVE_INFINITY,
  });
}
