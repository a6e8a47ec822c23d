// The wire format of Protocol Buffers, as far as messages on MQTT need it: fields one after the other, without a schema.

/** One field: a number for the wire types 0, 1 and 5, bytes for 2. */
export interface Field {
  number: number;
  value: bigint | Uint8Array;
}

const varint = 0;
const fixed64 = 1;
const lengthDelimited = 2;
const fixed32 = 5;

/** A varint has at most ten bytes of seven bits. */
const maxVarintBits = 70n;

/** fieldsOf reads all fields; it throws RangeError where the bytes are no message. */
export function fieldsOf(bytes: Uint8Array): Field[] {
  const reader = new Reader(bytes);
  const fields: Field[] = [];
  while (reader.more) {
    const key = reader.varint();
    fields.push({ number: Number(key >> 3n), value: reader.value(Number(key & 7n)) });
  }
  return fields;
}

class Reader {
  #at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get more(): boolean {
    return this.#at < this.#bytes.length;
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < maxVarintBits; shift += 7n) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) {
        break;
      }
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        return BigInt.asUintN(64, value);
      }
    }
    throw new RangeError("a number does not end");
  }

  value(type: number): bigint | Uint8Array {
    switch (type) {
      case varint:
        return this.varint();
      case fixed64:
        return this.#fixed(8);
      case lengthDelimited:
        return this.#take(Number(this.varint()));
      case fixed32:
        return this.#fixed(4);
      default:
        throw new RangeError(`wire type ${type}`);
    }
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) {
      throw new RangeError("a field is longer than the message");
    }
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  #fixed(length: number): bigint {
    return this.#take(length).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
  }
}
