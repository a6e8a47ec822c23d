// Files that go to the gateway or come from it. They take as long as they take, so not the whole transfer has a deadline
// but its standing still; and how far it is can be shown, which fetch cannot do for an upload.
import { noteServerTime } from "../lib/clock";
import { baseUrl } from "./client";
import { asProblem, Problem, problemOf } from "./problem";

/** A transfer without a byte for so long is given up. Checking a backup at the end of its upload takes a small board a while. */
const stallMs = 180_000;

export interface TransferOrder {
  path: string;
  body: FormData | object;
  /** Called with the part that is done, 0 to 1. */
  onProgress?: (share: number) => void;
}

export interface Transferred {
  content: Blob;
  /** The name that the server gives a file. */
  name: string;
}

/** transfer sends a POST and gives the whole answer as a file; it throws a Problem. */
export function transfer({ path, body, onProgress }: TransferOrder): Promise<Transferred> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let stalled: ReturnType<typeof setTimeout> | undefined;
    const moving = () => {
      clearTimeout(stalled);
      stalled = setTimeout(() => request.abort(), stallMs);
    };
    const progress = (event: ProgressEvent) => {
      moving();
      if (event.lengthComputable && event.total > 0) {
        onProgress?.(event.loaded / event.total);
      }
    };
    const fail = (problem: Problem) => {
      clearTimeout(stalled);
      reject(problem);
    };
    request.upload.addEventListener("progress", progress);
    request.addEventListener("progress", progress);
    request.addEventListener("error", () => fail(new Problem("offline", "")));
    request.addEventListener("abort", () => fail(new Problem("offline", "")));
    request.addEventListener("load", () => {
      clearTimeout(stalled);
      noteServerTime(request.getResponseHeader("Date"), Date.now());
      answered(request).then(resolve, (thrown: unknown) => reject(asProblem(thrown)));
    });
    request.open("POST", baseUrl() + path);
    request.responseType = "blob";
    moving();
    if (body instanceof FormData) {
      request.send(body);
    } else {
      request.setRequestHeader("Content-Type", "application/json");
      request.send(JSON.stringify(body));
    }
  });
}

async function answered(request: XMLHttpRequest): Promise<Transferred> {
  const content = request.response as Blob;
  if (request.status < 200 || request.status > 299) {
    throw problemOf(request.status, await parsed(content));
  }
  return { content, name: fileName(request.getResponseHeader("Content-Disposition")) };
}

async function parsed(content: Blob): Promise<unknown> {
  try {
    return JSON.parse(await content.text());
  } catch {
    return undefined;
  }
}

function fileName(disposition: string | null): string {
  return /filename="?([^";]+)"?/.exec(disposition ?? "")?.[1] ?? "";
}
