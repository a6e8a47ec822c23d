import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { gatewayTime } from "../lib/clock";
import { baseUrl, client, take } from "./client";
import { keys } from "./keys";
import type { Past } from "./model";

/** The largest number of buckets that the gateway gives; half of them stand for time. */
const limit = 2000;
/** The gateway writes a batch every ten seconds. */
const refreshMs = 10_000;

/** PointRef is a point as the API names it. */
export interface PointRef {
  device: string;
  point: string;
}

/** pointName is how a point is written in addresses. */
export function pointName({ device, point }: PointRef): string {
  return `${device}/${point}`;
}

/**
 * usePasts asks for the past of several points, by their names: the `span` milliseconds up to `end`, or up to now while that
 * is undefined, and half of it on both sides, so that there is something to see while one pans. Until the answer is there,
 * the one of before is what is known.
 */
export function usePasts(points: readonly PointRef[], span: number, end: number | undefined) {
  return useQuery({
    queryKey: [...keys.history, points.map(pointName), span, end],
    queryFn: async (): Promise<Readonly<Record<string, Past>>> => {
      const to = end ?? gatewayTime(Date.now());
      const query = { from: new Date(to - 1.5 * span).toISOString(), to: new Date(to + 0.5 * span).toISOString(), limit };
      const answers = points.map(async (path): Promise<[string, Past]> => [
        pointName(path),
        await take(client.GET("/api/v1/points/{device}/{point}/history", { params: { path, query } })),
      ]);
      return Object.fromEntries(await Promise.all(answers));
    },
    placeholderData: keepPreviousData,
    enabled: points.length > 0,
    // What is over does not change; what reaches up to now may still get a batch.
    refetchInterval: () => (end === undefined || end > gatewayTime(Date.now()) - 3 * refreshMs ? refreshMs : (false as const)),
    staleTime: end === undefined ? 0 : 60_000,
  });
}

/** exportUrl is the history of points as CSV. */
export function exportUrl(points: readonly PointRef[], { from, to }: { from: number; to: number }, decimalComma: boolean): string {
  const query = new URLSearchParams({
    points: points.map(pointName).join(","),
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    decimal: decimalComma ? "comma" : "point",
  });
  return `${baseUrl()}/api/v1/history/export?${query.toString()}`;
}
