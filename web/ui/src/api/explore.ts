import { useMutation } from "@tanstack/react-query";

import { client, take } from "./client";
import type { Connection, FoundUnit, Range } from "./model";

/** useReadRange reads a range of registers or bits with all that they may mean; nothing is saved. */
export function useReadRange() {
  return useMutation({
    mutationFn: (body: { connection: Connection; range: Range }) => take(client.POST("/api/v1/connections/read", { body })),
  });
}

/** The most units that one request may ask. */
const mostUnits = 32;

/** useFindUnits asks each number of a range whether somebody is there, as many at once as the gateway takes. */
export function useFindUnits() {
  return useMutation({
    mutationFn: async ({ connection, from, to }: { connection: Connection; from: number; to: number }) => {
      const found: FoundUnit[] = [];
      for (let first = from; first <= to; first += mostUnits) {
        const search = { from: first, to: Math.min(to, first + mostUnits - 1) };
        // One after the other: the wire is nobody else's meanwhile.
        // oxlint-disable-next-line no-await-in-loop
        found.push(...(await take(client.POST("/api/v1/connections/units", { body: { connection, search } }))));
      }
      return found;
    },
  });
}

/** useDetectLine tries the settings of a serial line until a unit answers; none is an empty list. */
export function useDetectLine() {
  return useMutation({
    mutationFn: (connection: Connection) => take(client.POST("/api/v1/connections/detect", { body: { connection, search: {} } })),
  });
}
