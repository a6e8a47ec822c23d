import { useEffect, useState } from "react";

import { gatewayTime } from "./clock";

/** useNow is the gateway's wall time, renewed every `everyMs`, for ages and countdowns. */
export function useNow(everyMs = 1_000): number {
  const [now, setNow] = useState(() => gatewayTime(Date.now()));
  useEffect(() => {
    const timer = setInterval(() => setNow(gatewayTime(Date.now())), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
