// A file as a table and a table as a file.
import { formatTable, parseTable, separatorOf } from "../../../lib/table";
import { mostRows, readWorkbook, workbookOf } from "../../../lib/xlsx";
import { columns } from "./columns";
import type { GridRow } from "./draft";
import { textOf } from "./draft";

/** The largest file that is taken. */
export const mostFileBytes = 10_000_000;

/** tableOf reads a CSV file or a workbook. It throws an Error for what is neither, or too large. */
export async function tableOf(file: File): Promise<string[][]> {
  if (file.size > mostFileBytes) {
    throw new Error("too large");
  }
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) {
    return readWorkbook(bytes);
  }
  const text = decoded(bytes);
  const table = parseTable(text, separatorOf(text));
  if (table.length > mostRows) {
    throw new Error("too many rows");
  }
  return table;
}

/** decoded reads UTF-8, and what older spreadsheets write. */
function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

function tableFrom(rows: readonly GridRow[]): string[][] {
  const kept = rows.filter((row) => !row.edit?.deleted);
  return [columns.map(({ id }) => id), ...kept.map((row) => columns.map(({ id }) => textOf(row, id)))];
}

/** csvOf begins with the mark by which spreadsheets know UTF-8. */
export function csvOf(rows: readonly GridRow[]): Blob {
  return new Blob([`\ufeff${formatTable(tableFrom(rows), ",")}\r\n`], { type: "text/csv" });
}

export function xlsxOf(rows: readonly GridRow[]): Blob {
  return new Blob([workbookOf(tableFrom(rows))], { type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" });
}
