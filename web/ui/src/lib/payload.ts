// What the payload of a message may be, for people to read: Sparkplug B, JSON, text, or bytes.

export type PayloadView = "sparkplug" | "json" | "text" | "hex";

/** bytesOf decodes Base64, as the gateway sends payloads. */
export function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
}

/** base64Of is the way back. */
export function base64Of(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/** textOf is undefined for what is no UTF-8 text. The beginning of a longer payload may end within a character. */
export function textOf(bytes: Uint8Array, whole = true): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, { stream: !whole });
    // oxlint-disable-next-line no-control-regex
    return /[\u0000-\u0008\u000e-\u001f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

/** viewsOf are the ways to look at a payload that fit, the best first. */
export function viewsOf(topic: string, bytes: Uint8Array, whole = true): readonly PayloadView[] {
  if (isSparkplug(topic)) {
    return ["sparkplug", "hex"];
  }
  const text = textOf(bytes, whole);
  if (text === undefined) {
    return ["hex"];
  }
  return isJSON(text) ? ["json", "text", "hex"] : ["text", "hex"];
}

/** The state of a host application is JSON, everything else of the name space is Sparkplug's own format. */
function isSparkplug(topic: string): boolean {
  return /^spBv1\.0\/(?!STATE\/)/.test(topic);
}

function isJSON(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** prettyJSON breaks valid JSON into lines. It leaves every number as it is written, also beyond 2^53. */
export function prettyJSON(text: string): string {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
  let result = "";
  let depth = 0;
  const newLine = () => `\n${"  ".repeat(depth)}`;
  tokens.forEach((token, index) => {
    if (token === "{" || token === "[") {
      depth++;
      result += token + (closes(tokens[index + 1]) ? "" : newLine());
    } else if (closes(token)) {
      depth--;
      result += (/[{[]$/.test(result) ? "" : newLine()) + token;
    } else if (token === ",") {
      result += token + newLine();
    } else {
      result += token === ":" ? ": " : token;
    }
  });
  return result;
}

function closes(token: string | undefined): boolean {
  return token === "}" || token === "]";
}

/** hexLines are lines of 16 bytes or fewer: where they begin, the bytes, and their letters. */
export function hexLines(bytes: Uint8Array, width = 16): string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += width) {
    const part = [...bytes.subarray(at, at + width)];
    const hex = part.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const letters = part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "."));
    lines.push(`${at.toString(16).padStart(4, "0")}  ${hex.padEnd(3 * width - 1)}  ${letters.join("")}`);
  }
  return lines;
}

/** bytesOfHex reads pairs of hexadecimal digits, with or without spaces and colons between; undefined for anything else. */
export function bytesOfHex(text: string): Uint8Array | undefined {
  const digits = text.replaceAll(/[\s:]/g, "");
  if (!/^([0-9a-f]{2})*$/i.test(digits)) {
    return undefined;
  }
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
