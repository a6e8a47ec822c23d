// The lines of the log, as the gateway keeps them and as they come. The stream is opened only while they are looked at.
import { useEffect, useState } from "react";

import { baseUrl } from "../api/client";
import type { LogLine } from "../api/model";
import { merged } from "../lib/logLines";

/** useLogLines follows the log while `follow`; undefined until the first lines are there. */
export function useLogLines(follow: boolean): { lines: readonly LogLine[] | undefined; lost: boolean } {
  const [lines, setLines] = useState<readonly LogLine[]>();
  const [lost, setLost] = useState(false);
  useEffect(() => {
    if (!follow) {
      return undefined;
    }
    const source = new EventSource(`${baseUrl()}/api/v1/logs/events`);
    source.addEventListener("lines", (event) => {
      setLost(false);
      const fresh = JSON.parse(event.data as string) as LogLine[];
      setLines((known) => merged(known ?? [], fresh));
    });
    source.addEventListener("error", () => setLost(true));
    return () => source.close();
  }, [follow]);
  return { lines, lost };
}
