import { useQuery } from "@tanstack/react-query";

import { baseUrl, client, take } from "./client";
import { keys } from "./keys";

const refreshMs = 5_000;

/** useSystem follows the machine below the gateway. */
export function useSystem() {
  return useQuery({
    queryKey: keys.system,
    queryFn: () => take(client.GET("/api/v1/system")),
    refetchInterval: refreshMs,
  });
}

/** supportBundleUrl is where the browser gets the support bundle as a file. */
export function supportBundleUrl(): string {
  return `${baseUrl()}/api/v1/support-bundle`;
}
