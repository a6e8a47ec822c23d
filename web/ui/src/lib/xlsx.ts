// The first sheet of a workbook as a table of texts, and a table as a workbook (ECMA-376). Formats and formulas are left
// out: of a formula its last value is read. Everything happens in the browser, with bounds against files that unfold.
import { archiveOf, type Entry, entriesOf, unpacked } from "./zip";

/** The largest part of a workbook, unfolded. */
const mostBytes = 32_000_000;
export const mostRows = 20_000;
const mostColumns = 200;

/** readWorkbook throws an Error for what is none, or too large. */
export async function readWorkbook(file: Uint8Array<ArrayBuffer>): Promise<string[][]> {
  const entries = entriesOf(file);
  const sheets = entries.filter(({ name }) => /^xl\/worksheets\/sheet\d+\.xml$/.test(name)).toSorted((a, b) => numberIn(a.name) - numberIn(b.name));
  const [sheet] = sheets;
  if (!sheet) {
    throw new Error("no worksheet");
  }
  const shared = entries.find(({ name }) => name === "xl/sharedStrings.xml");
  const strings = shared ? [...(await parsed(shared)).getElementsByTagName("si")].map(textsIn) : [];
  const rows: string[][] = [];
  for (const row of (await parsed(sheet)).getElementsByTagName("row")) {
    const at = Number(row.getAttribute("r") ?? rows.length + 1) - 1;
    if (at >= mostRows || Number.isNaN(at)) {
      throw new Error("too many rows");
    }
    while (rows.length <= at) {
      rows.push([]);
    }
    rows[at] = cellsOf(row, strings);
  }
  return rows;
}

const numberIn = (name: string) => Number(/\d+/.exec(name)?.[0] ?? 0);

async function parsed(entry: Entry): Promise<Document> {
  return new DOMParser().parseFromString(await unpacked(entry, mostBytes), "application/xml");
}

/** textsIn joins the parts of a text; what only helps to pronounce it is left out. */
function textsIn(element: Element): string {
  return [...element.getElementsByTagName("t")].filter((part) => part.parentElement?.tagName !== "rPh").map((part) => part.textContent ?? "").join("");
}

function cellsOf(row: Element, strings: readonly string[]): string[] {
  const cells: string[] = [];
  for (const cell of row.getElementsByTagName("c")) {
    const letters = /^[A-Z]+/.exec(cell.getAttribute("r") ?? "")?.[0];
    const at = letters ? columnOf(letters) : cells.length;
    if (at >= mostColumns) {
      continue;
    }
    while (cells.length <= at) {
      cells.push("");
    }
    cells[at] = cellText(cell, strings);
  }
  return cells;
}

function cellText(cell: Element, strings: readonly string[]): string {
  const value = cell.getElementsByTagName("v")[0]?.textContent ?? "";
  switch (cell.getAttribute("t")) {
    case "s":
      return strings[Number(value)] ?? "";
    case "inlineStr":
      return textsIn(cell);
    case "b":
      return value === "1" ? "true" : "false";
    case "str":
    case "e":
      return value;
    default:
      // 0.1 may be stored as 0.10000000000000001.
      return value === "" || Number.isNaN(Number(value)) ? value : String(Number(value));
  }
}

/** columnOf counts letters from 0: A, B, …, Z, AA. */
function columnOf(letters: string): number {
  return [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}

const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const office = "http://schemas.openxmlformats.org";
const sheetType = "application/vnd.openxmlformats-officedocument.spreadsheetml";

const escaped = (text: string) =>
  // eslint-disable-next-line no-control-regex -- XML has no way to write these
  text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "").replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const written = (text: string) => `<c t="inlineStr"><is><t xml:space="preserve">${escaped(text)}</t></is></c>`;

/** workbookOf writes texts, so that no spreadsheet takes an address for a time or a name for a formula. */
export function workbookOf(rows: readonly (readonly string[])[]): Uint8Array<ArrayBuffer> {
  const data = rows.map((row) => `<row>${row.map(written).join("")}</row>`).join("");
  return archiveOf({
    "[Content_Types].xml": `${head}<Types xmlns="${office}/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${sheetType}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${sheetType}.worksheet+xml"/></Types>`,
    "_rels/.rels": `${head}<Relationships xmlns="${office}/package/2006/relationships"><Relationship Id="r1" Type="${office}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    "xl/workbook.xml": `${head}<workbook xmlns="${office}/spreadsheetml/2006/main" xmlns:r="${office}/officeDocument/2006/relationships"><sheets><sheet name="Points" sheetId="1" r:id="r1"/></sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": `${head}<Relationships xmlns="${office}/package/2006/relationships"><Relationship Id="r1" Type="${office}/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
    "xl/worksheets/sheet1.xml": `${head}<worksheet xmlns="${office}/spreadsheetml/2006/main"><sheetData>${data}</sheetData></worksheet>`,
  });
}
