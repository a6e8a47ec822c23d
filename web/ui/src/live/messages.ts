// The messages that pass through the broker. The stream is opened only while they are looked at.
import { useEffect, useState } from "react";

import { baseUrl } from "../api/client";
import { nothing, type Passed, type Passing, withPassed } from "../lib/passing";

/** useMessages follows the messages of a filter while `follow`; what was shown stays when it ends. */
export function useMessages(filter: string, follow: boolean): Passing {
  const [passing, setPassing] = useState(nothing);
  useEffect(() => {
    if (!follow) {
      return undefined;
    }
    let begun = false;
    const source = new EventSource(`${baseUrl()}/api/v1/broker/messages/events?filter=${encodeURIComponent(filter)}`);
    source.addEventListener("messages", (event) => {
      const passed = JSON.parse(event.data as string) as Passed;
      const before = begun;
      begun = true;
      setPassing((known) => withPassed(before ? known : nothing, passed));
    });
    source.addEventListener("error", () =>
      // A browser gives up when it gets another answer than a stream, and tries again when it gets none.
      setPassing((known) => ({ ...known, state: source.readyState === EventSource.CLOSED ? "refused" : "lost" })),
    );
    return () => source.close();
  }, [filter, follow]);
  return passing;
}
