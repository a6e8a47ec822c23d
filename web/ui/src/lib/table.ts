// Tables as text, as spreadsheets copy and save them: fields in quotes may have separators, line ends and doubled quotes
// (RFC 4180).

/** parseTable reads lines of fields; the last empty line is none. A quote that is never closed runs to the end. */
export function parseTable(text: string, separator: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = "";
  let at = 0;
  const endRow = () => {
    rows.push([...row, field]);
    row = [];
    field = "";
  };
  while (at < text.length) {
    if (field === "" && text[at] === '"') {
      [field, at] = quoted(text, at + 1);
      continue;
    }
    const sign = text[at] ?? "";
    at++;
    if (sign === separator) {
      row.push(field);
      field = "";
    } else if (sign === "\n") {
      endRow();
    } else if (sign !== "\r" || text[at] !== "\n") {
      field += sign;
    }
  }
  if (field !== "" || row.length > 0) {
    endRow();
  }
  return rows;
}

/** quoted reads from behind a quote to behind the one that closes it. */
function quoted(text: string, from: number): [field: string, end: number] {
  let field = "";
  for (let at = from; ; at++) {
    const close = text.indexOf('"', at);
    if (close < 0) {
      return [field + text.slice(at), text.length];
    }
    field += text.slice(at, close);
    if (text[close + 1] !== '"') {
      return [field, close + 1];
    }
    field += '"';
    at = close + 1;
  }
}

export function formatTable(rows: readonly (readonly string[])[], separator: string): string {
  const quote = (field: string) => (/["\r\n]/.test(field) || field.includes(separator) ? `"${field.replaceAll('"', '""')}"` : field);
  return rows.map((row) => row.map(quote).join(separator)).join("\r\n");
}

/** separatorOf is the one that the first line has most of, outside of quotes: tab, semicolon or comma. */
export function separatorOf(text: string): string {
  const line = (text.split(/\r?\n/, 1)[0] ?? "").replace(/"[^"]*"/g, "");
  const count = (separator: string) => line.split(separator).length;
  return ["\t", ";", ","].toSorted((a, b) => count(b) - count(a))[0] ?? ",";
}
