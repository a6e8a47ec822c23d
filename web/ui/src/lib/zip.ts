// Enough of ZIP (APPNOTE 6.3) to read and write a workbook.

export interface Entry {
  name: string;
  /** The bytes as they are in the file. */
  packed: Uint8Array<ArrayBuffer>;
  deflated: boolean;
}

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;
const endLength = 22;
const mostComment = 65_535;

/** entriesOf reads the directory at the end of an archive; an Error says that it is none. */
export function entriesOf(file: Uint8Array<ArrayBuffer>): Entry[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let end = file.length - endLength;
  const first = Math.max(0, end - mostComment);
  while (end >= first && view.getUint32(end, true) !== endSignature) {
    end--;
  }
  if (end < first) {
    throw new Error("no ZIP archive");
  }
  const entries: Entry[] = [];
  let at = view.getUint32(end + 16, true);
  for (let n = view.getUint16(end + 10, true); n > 0 && view.getUint32(at, true) === entrySignature; n--) {
    const nameLength = view.getUint16(at + 28, true);
    const local = view.getUint32(at + 42, true);
    const data = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    entries.push({
      name: new TextDecoder().decode(file.subarray(at + 46, at + 46 + nameLength)),
      packed: file.subarray(data, data + view.getUint32(at + 20, true)),
      deflated: view.getUint16(at + 10, true) === 8,
    });
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

/** unpacked gives the text of an entry. What is larger than `most` bytes is refused while it unfolds. */
export async function unpacked({ packed, deflated, name }: Entry, most: number): Promise<string> {
  const source = new Blob([packed]).stream();
  const reader = (deflated ? source.pipeThrough(new DecompressionStream("deflate-raw")) : source).getReader();
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.length;
    if (size > most) {
      await reader.cancel();
      throw new Error(`${name} is too large`);
    }
    text += decoder.decode(part.value, { stream: true });
  }
  return text + decoder.decode();
}

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  let crc = n;
  for (let bit = 0; bit < 8; bit++) {
    crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return crc;
});

function crcOf(bytes: Uint8Array): number {
  return ~bytes.reduce((crc, byte) => (crc >>> 8) ^ (crcTable[(crc ^ byte) & 255] ?? 0), ~0) >>> 0;
}

/** archiveOf makes an archive of texts, without compressing them. */
export function archiveOf(files: Readonly<Record<string, string>>): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const [nameBytes, bytes] = [encoder.encode(name), encoder.encode(text)];
    const header = (signature: number, central: boolean) => {
      const view = new DataView(new ArrayBuffer(central ? 46 : 30));
      view.setUint32(0, signature, true);
      // Version 2.0, no flags, stored, 1 January 1980.
      const at = central ? 6 : 4;
      view.setUint16(4, 20, true);
      view.setUint16(at, 20, true);
      view.setUint16(at + 8, 0x21, true);
      view.setUint32(at + 10, crcOf(bytes), true);
      view.setUint32(at + 14, bytes.length, true);
      view.setUint32(at + 18, bytes.length, true);
      view.setUint16(at + 22, nameBytes.length, true);
      if (central) {
        view.setUint32(42, offset, true);
      }
      return new Uint8Array(view.buffer);
    };
    const local = header(localSignature, false);
    directory.push(header(entrySignature, true), nameBytes);
    parts.push(local, nameBytes, bytes);
    offset += local.length + nameBytes.length + bytes.length;
  }
  const end = new DataView(new ArrayBuffer(endLength));
  const count = Object.keys(files).length;
  end.setUint32(0, endSignature, true);
  end.setUint16(8, count, true);
  end.setUint16(10, count, true);
  end.setUint32(12, directory.reduce((sum, part) => sum + part.length, 0), true);
  end.setUint32(16, offset, true);
  return joined([...parts, ...directory, new Uint8Array(end.buffer)]);
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
