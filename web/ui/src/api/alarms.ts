import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";

import { client, take } from "./client";
import { keys } from "./keys";
import type { Alarm } from "./model";

const pageSize = 50;
const refreshMs = 10_000;
const stillMs = 300;

/** usePastAlarms has the alarms that came last, and older ones on request; "" for code and subject are all. */
export function usePastAlarms(code: string, typed: string) {
  const [subject] = useDebouncedValue(typed.trim(), stillMs);
  return useInfiniteQuery({
    queryKey: [...keys.pastAlarms, code, subject],
    queryFn: ({ pageParam }) => take(client.GET("/api/v1/alarms/past", { params: { query: { before: pageParam, limit: pageSize, code, subject } } })),
    initialPageParam: 0,
    getNextPageParam: (last) => (last.length < pageSize ? undefined : last.at(-1)?.number),
    placeholderData: keepPreviousData,
    refetchInterval: refreshMs,
  });
}

/** useAcknowledge says that somebody has seen an alarm; the status tells everybody. */
export function useAcknowledge() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ code, subject, since }: Alarm) => take(client.POST("/api/v1/alarms/acknowledge", { body: { code, subject, since } })),
    onSettled: () => cache.invalidateQueries({ queryKey: keys.pastAlarms }),
  });
}
