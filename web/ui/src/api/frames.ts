import { useQuery, useQueryClient } from "@tanstack/react-query";

import { baseUrl, client, take } from "./client";
import { keys } from "./keys";
import type { FramePage } from "./model";

/** What is wanted of the frames of a connection; -1 is every unit or function. */
export interface FrameFilter {
  unit: number;
  function: number;
  problems: boolean;
}

const refreshMs = 1_000;
/** More frames than this at once make a phone slow; the file has all that the gateway keeps. */
const shownFrames = 300;

/** useFrames follows what goes over a wire while `follow`: the newest frames first, then only those that come. */
export function useFrames(connection: string, filter: FrameFilter, follow: boolean) {
  const cache = useQueryClient();
  const queryKey = [...keys.frames, connection, filter.unit, filter.function, filter.problems];
  return useQuery({
    queryKey,
    queryFn: async (): Promise<FramePage> => {
      const known = cache.getQueryData<FramePage>(queryKey);
      const query = { ...filter, since: known?.next ?? 0, limit: shownFrames };
      const page = await take(client.GET("/api/v1/connections/{id}/frames", { params: { path: { id: connection }, query } }));
      return known ? { ...page, frames: [...known.frames, ...page.frames].slice(-shownFrames), missed: known.missed || page.missed } : page;
    },
    refetchInterval: follow ? refreshMs : false,
    refetchOnWindowFocus: follow,
    gcTime: 0,
  });
}

/** frameFileUrl is where the browser gets all frames that are kept as a file for Wireshark. */
export function frameFileUrl(connection: string): string {
  return `${baseUrl()}/api/v1/connections/${encodeURIComponent(connection)}/frames.pcapng`;
}
