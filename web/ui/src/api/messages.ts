import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { base64Of } from "../lib/payload";
import { client, take } from "./client";
import { keys } from "./keys";

const refreshMs = 5_000;
const topicsPerPage = 100;

/** useTopics follows the levels of retained topics below a prefix, a page after the other. */
export function useTopics(prefix: string, search: string) {
  return useInfiniteQuery({
    queryKey: [...keys.topics, prefix, search],
    queryFn: ({ pageParam }) =>
      take(client.GET("/api/v1/broker/topics", { params: { query: { prefix, search, offset: pageParam, limit: topicsPerPage } } })),
    initialPageParam: 0,
    getNextPageParam: ({ total }, pages) => (pages.length * topicsPerPage < total ? pages.length * topicsPerPage : undefined),
    refetchInterval: refreshMs,
  });
}

/** useRetained follows the retained message of a topic. */
export function useRetained(topic: string) {
  return useQuery({
    queryKey: [...keys.retained, topic],
    queryFn: () => take(client.GET("/api/v1/broker/retained", { params: { query: { topic } } })),
    refetchInterval: refreshMs,
    retry: false,
  });
}

export interface Publication {
  topic: string;
  payload: Uint8Array;
  qos: number;
  retain: boolean;
}

export function usePublish() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ payload, ...rest }: Publication) => {
      const body = payload.length === 0 ? rest : { ...rest, payload: base64Of(payload) };
      return take(client.POST("/api/v1/broker/publish", { body }));
    },
    onSuccess: async (_, { payload, retain }) => {
      await cache.invalidateQueries({ queryKey: keys.topics });
      // After a removal there is nothing to ask for.
      if (!retain || payload.length > 0) {
        await cache.invalidateQueries({ queryKey: keys.retained });
      }
    },
  });
}
