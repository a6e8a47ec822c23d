import { useInfiniteQuery } from "@tanstack/react-query";

import { client, take } from "./client";
import { keys } from "./keys";

/** How many entries the gateway gives at once; fewer mean that there are no older ones. */
const pageSize = 100;

/** useAudit has the newest changes, and older ones on request. */
export function useAudit() {
  return useInfiniteQuery({
    queryKey: keys.audit,
    queryFn: ({ pageParam }) => take(client.GET("/api/v1/audit", { params: { query: { before: pageParam } } })),
    initialPageParam: 0,
    getNextPageParam: (last) => (last.length < pageSize ? undefined : last.at(-1)?.number),
  });
}
