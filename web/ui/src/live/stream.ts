// The one event stream of the tab. The browser's own EventSource reconnects in some cases only and does not notice a
// silent line, so a watch looks at the time of the last event: the gateway sends a status each second.
import type { Reading, Status } from "../api/model";
import { noteSiteZone } from "../lib/time";
import type { LiveStore } from "./store";

/** After this long without an event the page says that the connection is lost. */
export const silenceMs = 2_500;

const retryMs = 1_000;
const retryMaxMs = 8_000;
const watchMs = 500;

export interface StreamOptions {
  url: string;
  store: LiveStore;
  /** Called when the server refuses the stream, which may mean that the session is over. */
  onRefused: () => void;
}

/** follow keeps the store fed until the returned function is called. */
export function follow({ url, store, onRefused }: StreamOptions): () => void {
  let source: EventSource | undefined;
  let lastEvent = performance.now();
  let retry = retryMs;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const heard = () => {
    lastEvent = performance.now();
    retry = retryMs;
    store.setLink("live");
  };

  const open = () => {
    source = new EventSource(url);
    store.opened();
    source.addEventListener("open", () => store.opened());
    source.addEventListener("values", (event) => {
      const readings = parse<Reading[]>(event);
      store.takeValues(readings ?? []);
      heard();
    });
    source.addEventListener("status", (event) => {
      const status = parse<Status>(event);
      if (status) {
        noteSiteZone(status.timeZone);
        store.takeStatus(status, performance.now(), Date.now() / 1000);
      }
      heard();
    });
    source.addEventListener("error", () => {
      if (source?.readyState === EventSource.CLOSED) {
        onRefused();
      }
      again();
    });
  };

  const again = () => {
    source?.close();
    source = undefined;
    lost();
    clearTimeout(timer);
    timer = setTimeout(open, retry / 2 + (Math.random() * retry) / 2);
    retry = Math.min(retry * 2, retryMaxMs);
  };

  const lost = () => {
    store.setLink("lost");
  };

  const watch = setInterval(() => {
    if (source !== undefined && performance.now() - lastEvent > silenceMs) {
      lastEvent = performance.now();
      again();
    }
  }, watchMs);

  open();
  return () => {
    clearInterval(watch);
    clearTimeout(timer);
    source?.close();
  };
}

function parse<T>(event: Event): T | undefined {
  if (!(event instanceof MessageEvent) || typeof event.data !== "string") {
    return undefined;
  }
  try {
    return JSON.parse(event.data) as T;
  } catch {
    return undefined;
  }
}
