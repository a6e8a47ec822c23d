// The messages that passed by, as many of them as are kept.
import type { BrokerMessage } from "../api/model";

/** What the stream sends: messages in their order, and how many more there were. */
export interface Passed {
  messages: BrokerMessage[];
  dropped: number;
}

/** More than this at once is nothing that anybody reads. */
const kept = 100;

/** A message with a number that no other has. */
export interface Numbered {
  number: number;
  message: BrokerMessage;
}

export interface Passing {
  /** The newest first. */
  messages: readonly Numbered[];
  count: number;
  dropped: number;
  state: "waiting" | "open" | "refused" | "lost";
}

export const nothing: Passing = { messages: [], count: 0, dropped: 0, state: "waiting" };

/** withPassed puts what came before what is known. */
export function withPassed(known: Passing, { messages, dropped }: Passed): Passing {
  const fresh = messages.map((message, index) => ({ number: known.count + index, message })).toReversed();
  return {
    messages: [...fresh, ...known.messages].slice(0, kept),
    count: known.count + messages.length,
    dropped: known.dropped + dropped,
    state: "open",
  };
}
