import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { gatewayTime } from "../lib/clock";
import { client, take } from "./client";
import { keys } from "./keys";
import type { Past } from "./model";

/** What was known of a point in a stretch of time; the times are milliseconds. */
export interface Stretch {
  from: number;
  to: number;
  past: Past;
}

const buckets = 1000;
/** The gateway writes a batch every ten seconds. */
const refreshMs = 10_000;

/** usePast gives the last `span` milliseconds of a point, and follows. */
export function usePast(device: string, point: string, span: number) {
  return useQuery({
    queryKey: [...keys.history, device, point, span],
    queryFn: async (): Promise<Stretch> => {
      const to = gatewayTime(Date.now());
      const from = to - span;
      const query = { from: new Date(from).toISOString(), to: new Date(to).toISOString(), limit: buckets };
      const past = await take(
        client.GET("/api/v1/points/{device}/{point}/history", { params: { path: { device, point }, query } }),
      );
      return { from, to, past };
    },
    placeholderData: keepPreviousData,
    refetchInterval: refreshMs,
  });
}
