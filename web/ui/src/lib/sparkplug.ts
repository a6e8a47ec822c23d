// Payloads of Sparkplug B 3.0 (chapter 6.4), decoded for people to read.
import { type Field, fieldsOf } from "./protobuf";

export interface Metric {
  /** Empty where only the alias is sent. */
  name: string;
  alias: string | undefined;
  type: string;
  /** undefined: null. Numbers are texts, exact also beyond 2^53. */
  value: string | undefined;
  /** In milliseconds since 1970. */
  time: number | undefined;
  historical: boolean;
}

export interface SparkplugPayload {
  time: number | undefined;
  /** The sequence number, 0 to 255. */
  sequence: string | undefined;
  metrics: readonly Metric[];
}

/** The data types by their numbers (6.4.16). */
const types = [
  "Unknown", "Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float", "Double", "Boolean", "String", "DateTime", "Text",
  "UUID", "DataSet", "Bytes", "File", "Template", "PropertySet", "PropertySetList", "Int8Array", "Int16Array", "Int32Array", "Int64Array",
  "UInt8Array", "UInt16Array", "UInt32Array", "UInt64Array", "FloatArray", "DoubleArray", "BooleanArray", "StringArray", "DateTimeArray",
] as const;

const signedBits: Readonly<Record<string, number>> = { Int8: 8, Int16: 16, Int32: 32, Int64: 64 };

/** decodeSparkplug throws RangeError where the bytes are no such payload. */
export function decodeSparkplug(bytes: Uint8Array): SparkplugPayload {
  const fields = fieldsOf(bytes);
  return {
    time: timeOf(fields, 1),
    sequence: numberOf(fields, 3)?.toString(),
    metrics: fields.filter(({ number }) => number === 2).map(({ value }) => metricOf(fieldsOf(asBytes(value)))),
  };
}

function metricOf(fields: readonly Field[]): Metric {
  const type = types[Number(numberOf(fields, 4) ?? 0n)] ?? "Unknown";
  return {
    name: textOf(fields, 1) ?? "",
    alias: numberOf(fields, 2)?.toString(),
    type,
    value: numberOf(fields, 7) ? undefined : valueOf(fields, type),
    time: timeOf(fields, 3),
    historical: Boolean(numberOf(fields, 5)),
  };
}

/** Each kind of value has a field of its own, from 10 on. */
const firstValue = 10;

function valueOf(fields: readonly Field[], type: string): string | undefined {
  const field = fields.findLast(({ number }) => number >= firstValue);
  switch (field?.number) {
    case 10:
    case 11:
      return wholeOf(asNumber(field.value), type);
    case 12:
      return String(Number(new DataView(Uint32Array.of(Number(asNumber(field.value))).buffer).getFloat32(0, littleEndian).toPrecision(7)));
    case 13:
      return String(new DataView(BigUint64Array.of(asNumber(field.value)).buffer).getFloat64(0, littleEndian));
    case 14:
      return String(asNumber(field.value) !== 0n);
    case 15:
      return new TextDecoder().decode(asBytes(field.value));
    case 16:
      return Array.from(asBytes(field.value), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    case 17:
      return dataSetOf(fieldsOf(asBytes(field.value)));
    case 18:
      return namesOf(fieldsOf(asBytes(field.value)));
    default:
      return undefined;
  }
}

/** Typed arrays have the byte order of the machine. */
const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function wholeOf(value: bigint, type: string): string {
  if (type === "DateTime") {
    return new Date(Number(value)).toISOString();
  }
  const bits = signedBits[type];
  return (bits ? BigInt.asIntN(bits, value) : value).toString();
}

/** A data set is told by its columns and the number of its rows. */
function dataSetOf(fields: readonly Field[]): string {
  const columns = fields.filter(({ number }) => number === 2).map(({ value }) => new TextDecoder().decode(asBytes(value)));
  return `[${columns.join(", ")}] × ${fields.filter(({ number }) => number === 4).length}`;
}

/** A template is told by the names of its metrics. */
function namesOf(fields: readonly Field[]): string {
  const names = fields.filter(({ number }) => number === 2).map(({ value }) => textOf(fieldsOf(asBytes(value)), 1) ?? "");
  return `{${names.join(", ")}}`;
}

function last(fields: readonly Field[], number: number): Field | undefined {
  return fields.findLast((field) => field.number === number);
}

function numberOf(fields: readonly Field[], number: number): bigint | undefined {
  const field = last(fields, number);
  return field && asNumber(field.value);
}

function timeOf(fields: readonly Field[], number: number): number | undefined {
  const time = numberOf(fields, number);
  return time === undefined ? undefined : Number(time);
}

function textOf(fields: readonly Field[], number: number): string | undefined {
  const field = last(fields, number);
  return field && new TextDecoder().decode(asBytes(field.value));
}

function asNumber(value: Field["value"]): bigint {
  if (typeof value !== "bigint") {
    throw new RangeError("bytes in place of a number");
  }
  return value;
}

function asBytes(value: Field["value"]): Uint8Array {
  if (typeof value === "bigint") {
    throw new RangeError("a number in place of bytes");
  }
  return value;
}
