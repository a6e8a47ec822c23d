// Problem is the one shape of everything that can go wrong with a request: RFC 9457 problem details as the server sends
// them, a lost network, an answer that is no JSON.

const codes = [
  "invalid",
  "not_found",
  "conflict",
  "unauthorized",
  "forbidden",
  "too_many",
  "unavailable",
  "has_backlog",
  "internal",
] as const;

/** What the server says, and "offline" when nobody answered. */
export type ProblemCode = (typeof codes)[number] | "offline";

export interface FieldProblem {
  /** The wrong input in the request: "device.points[0].address". */
  field: string;
  detail: string;
}

export class Problem extends Error {
  readonly code: ProblemCode;
  readonly fields: readonly FieldProblem[];

  constructor(code: ProblemCode, detail: string, fields: readonly FieldProblem[] = []) {
    super(detail);
    this.name = "Problem";
    this.code = code;
    this.fields = fields;
  }
}

/** The codes where an answer has none, because something between here and the gateway gave it. */
const codeOfStatus: Readonly<Record<number, ProblemCode>> = {
  400: "invalid",
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  409: "conflict",
  422: "invalid",
  429: "too_many",
  502: "unavailable",
  503: "unavailable",
  504: "unavailable",
};

/** problemOf reads an answer that is not a success; body is the parsed JSON, if it was any. */
export function problemOf(status: number, body: unknown): Problem {
  const record = isRecord(body) ? body : {};
  const code = codes.find((known) => known === record.code) ?? codeOfStatus[status] ?? "internal";
  return new Problem(code, text(record.detail) || text(record.title), fieldsOf(record));
}

function fieldsOf(record: Record<string, unknown>): FieldProblem[] {
  const errors = Array.isArray(record.errors) ? record.errors.filter(isRecord) : [];
  if (errors.length > 0) {
    return errors.map((error) => ({ field: text(error.field), detail: text(error.detail) }));
  }
  const field = text(record.field);
  return field === "" ? [] : [{ field, detail: text(record.detail) }];
}

/** asProblem turns whatever was thrown into a Problem: fetch throws TypeError when nobody answers. */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) {
    return thrown;
  }
  const offline = thrown instanceof TypeError || (thrown instanceof DOMException && thrown.name !== "SyntaxError");
  return new Problem(offline ? "offline" : "internal", "");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
