import { useQueryClient } from "@tanstack/react-query";
import { createContext, use, useCallback, useEffect, useState, useSyncExternalStore, type ReactNode } from "react";

import { baseUrl } from "../api/client";
import { keys } from "../api/keys";
import type { Reading, Status } from "../api/model";
import { LiveStore, pointKey, type Link, type Sample } from "./store";
import { follow } from "./stream";

const Store = createContext(new LiveStore());

/** LiveProvider follows the events while `enabled`, which is while the visitor may see them. */
export function LiveProvider({ enabled, children }: { enabled: boolean; children: ReactNode }) {
  const [store] = useState(() => new LiveStore());
  const cache = useQueryClient();
  useEffect(() => {
    if (!enabled) {
      return undefined;
    }
    return follow({
      url: `${baseUrl()}/api/v1/events`,
      store,
      onRefused: () => void cache.invalidateQueries({ queryKey: keys.session }),
    });
  }, [enabled, store, cache]);
  return <Store value={store}>{children}</Store>;
}

function useTopic<T>(topic: string, read: (store: LiveStore) => T): T {
  const store = use(Store);
  const subscribe = useCallback((listener: () => void) => store.subscribe(topic, listener), [store, topic]);
  return useSyncExternalStore(subscribe, () => read(store));
}

/** useValue is the latest reading of a point; undefined until there is one. */
export function useValue(device: string, point: string): Reading | undefined {
  const key = pointKey(device, point);
  return useTopic(key, (store) => store.value(key));
}

export function useStatus(): Status | undefined {
  return useTopic("status", (store) => store.status);
}

/** useTimeZone is that of the site; undefined until the gateway has said it. */
export function useTimeZone(): string | undefined {
  return useTopic("status", (store) => store.status?.timeZone);
}

export function useHistory(): readonly Sample[] {
  return useTopic("status", (store) => store.history);
}

export function useLink(): Link {
  return useTopic("link", (store) => store.link);
}
