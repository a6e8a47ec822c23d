// Which encodings a type can have, as the server has it (gateway/decoding.go).
import type { Encoding as AnyEncoding } from "../api/model";

type Encoding = Exclude<AnyEncoding, "">;

const signed: readonly Encoding[] = ["m10k", "magnitude", "ones", "offset"];
const unsigned: readonly Encoding[] = ["bcd", "m10k"];
const ofType: Readonly<Record<string, readonly Encoding[]>> = {
  int16: ["magnitude", "ones", "offset"],
  uint16: ["bcd"],
  int32: signed,
  int48: signed,
  int64: signed,
  uint32: unsigned,
  uint48: unsigned,
  uint64: unsigned,
  string: ["latin1", "low", "high", "hex", "base64", "ip", "mac"],
  time: ["unix32", "unix64", "unix64ms", "ti081", "ymdhms", "ymdhms-bcd"],
};

export function encodingsOf(type: string): readonly Encoding[] {
  return ofType[type] ?? [];
}

/** isWhole tells whole numbers: the types of which bits can be taken. */
export function isWhole(type: string): boolean {
  return /^u?int\d+$/.test(type);
}

export function isNumber(type: string): boolean {
  return isWhole(type) || type.startsWith("float");
}
