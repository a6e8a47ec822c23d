const bytes: Readonly<Record<string, number>> = {
  bool: 2,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int48: 6,
  uint48: 6,
  float16: 2,
  float32: 4,
  int64: 8,
  uint64: 8,
  float64: 8,
};

export const types = [
  "bool",
  "int16",
  "uint16",
  "int32",
  "uint32",
  "int48",
  "uint48",
  "int64",
  "uint64",
  "float16",
  "float32",
  "float64",
  "string",
  "time",
] as const;

/** byteOrders lists the orders that devices use for a type; none where there is nothing to choose. */
export function byteOrders(type: string): readonly string[] {
  switch (bytes[type]) {
    case 4:
    case 6:
    case 8:
      return ["ABCD", "CDAB", "BADC", "DCBA"];
    case 2:
      return type === "bool" ? [] : ["AB", "BA"];
    default:
      return [];
  }
}
