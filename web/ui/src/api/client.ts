// The one place that talks to the network. Every failure leaves it as a Problem.
import createClient from "openapi-fetch";

import { noteServerTime } from "../lib/clock";
import { asProblem, Problem, problemOf } from "./problem";
import type { paths } from "./schema";

const requestTimeoutMs = 35_000;

/** The folder that the page was loaded from, so that it works below any path. */
export function baseUrl(): string {
  return new URL(".", window.location.href).href.replace(/\/$/, "");
}

export const client = createClient<paths>({
  baseUrl: baseUrl(),
  credentials: "same-origin",
  fetch: async (request) => {
    const response = await fetch(request, { signal: AbortSignal.timeout(requestTimeoutMs) });
    noteServerTime(response.headers.get("Date"), Date.now());
    return response;
  },
});

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** take gives the data of an answer or throws its Problem. */
export async function take<T>(pending: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await pending;
  } catch (thrown) {
    throw thrown instanceof SyntaxError ? new Problem("internal", "") : asProblem(thrown);
  }
  if (!answer.response.ok) {
    throw problemOf(answer.response.status, answer.error);
  }
  return answer.data as T;
}
