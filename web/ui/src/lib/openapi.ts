// What the reference of the API needs of an OpenAPI document.

export interface Schema {
  $ref?: string;
  type?: string | readonly string[];
  format?: string;
  description?: string;
  enum?: readonly unknown[];
  items?: Schema;
  properties?: Readonly<Record<string, Schema>>;
  additionalProperties?: boolean | Schema;
  required?: readonly string[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
}

interface Content {
  description?: string;
  content?: Readonly<Record<string, { schema?: Schema }>>;
}

export interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema?: Schema;
}

interface Described {
  summary: string;
  description?: string;
  parameters?: readonly Parameter[];
  requestBody?: Content;
  responses: Readonly<Record<string, Content>>;
}

export interface Description {
  paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  components: { schemas: Readonly<Record<string, Schema>> };
}

/** Operation is one method of one path. */
export interface Operation extends Described {
  id: string;
  method: string;
  path: string;
}

export interface Group {
  /** name is the first part of the path behind the version. */
  name: string;
  operations: readonly Operation[];
}

const prefix = "/api/v1/";
const methods = ["get", "post", "put", "delete"];

/** groupsOf sorts the operations by what they are about; only those that have all words of the search. */
export function groupsOf({ paths }: Description, search: string): Group[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const groups = new Map<string, Operation[]>();
  for (const [path, item] of Object.entries(paths)) {
    for (const method of methods.filter((name) => item[name])) {
      const operation = { ...(item[method] as Described), id: `${method} ${path}`, method: method.toUpperCase(), path };
      const text = `${operation.method} ${path} ${operation.summary}`.toLowerCase();
      if (words.every((word) => text.includes(word))) {
        const name = path.startsWith(prefix) ? (path.slice(prefix.length).split("/", 1)[0] ?? "") : path.slice(1);
        groups.set(name, [...(groups.get(name) ?? []), operation]);
      }
    }
  }
  return [...groups].map(([name, operations]) => ({ name, operations })).toSorted((a, b) => a.name.localeCompare(b.name));
}

/** schemaOf is the schema of a body, of whichever type it is. */
export function schemaOf(body: Content | undefined): { type: string; schema: Schema } | undefined {
  const [type, content] = Object.entries(body?.content ?? {})[0] ?? [];
  return type === undefined ? undefined : { type, schema: content?.schema ?? {} };
}

/** resolve follows a reference within the document. */
export function resolve(schema: Schema, { components }: Description): Schema {
  return schema.$ref ? (components.schemas[nameOf(schema.$ref)] ?? {}) : schema;
}

const nameOf = (reference: string) => reference.slice(reference.lastIndexOf("/") + 1);

/** typeOf names the type of a value in a few characters. */
export function typeOf(schema: Schema): string {
  if (schema.$ref) {
    return nameOf(schema.$ref);
  }
  if (schema.items) {
    return `${typeOf(schema.items)}[]`;
  }
  if (typeof schema.additionalProperties === "object") {
    return `{ [name]: ${typeOf(schema.additionalProperties)} }`;
  }
  const { type = "any" } = schema;
  const name = typeof type === "string" ? type : type.join(" | ");
  return schema.format ? `${name} (${schema.format})` : name;
}

/** boundsOf lists what a value has to keep to. */
export function boundsOf({ enum: values, minimum, maximum, minLength, maxLength, pattern }: Schema): string {
  return [
    values ? values.map(String).join(", ") : "",
    minimum === undefined ? "" : `≥ ${minimum}`,
    maximum === undefined ? "" : `≤ ${maximum}`,
    minLength === undefined && maxLength === undefined ? "" : `${minLength ?? 0}…${maxLength ?? "∞"}`,
    pattern ?? "",
  ]
    .filter(Boolean)
    .join(" · ");
}

/** curlOf is the operation as a command, with a token in the environment. */
export function curlOf({ method, path, requestBody }: Operation, origin: string): string {
  const body = schemaOf(requestBody);
  return [
    `curl -H "Authorization: Bearer $TOKEN"`,
    method === "GET" ? "" : `-X ${method}`,
    body ? `-H "Content-Type: ${body.type}" -d @body` : "",
    `"${origin}${path}"`,
  ]
    .filter(Boolean)
    .join(" ");
}
