// Between the form of a point and what is sent (pure).
import type { Device, Encoding, Point, Type } from "../../api/model";
import { byteOrders } from "../../lib/byteOrder";
import { encodingsOf, isNumber, isWhole } from "../../lib/encoding";

type Optional = number | "";

export interface PointValues {
  name: string;
  id: string;
  address: string;
  type: Type;
  byteOrder: string;
  length: number;
  count: Optional;
  blanks: boolean;
  encoding: Encoding;
  bits: string;
  inverted: boolean;
  invalid: string;
  scaleFrom: string;
  scale: Optional;
  offset: Optional;
  decimals: Optional;
  unit: string;
  scanClass: string;
  writable: boolean;
  expression: string;
  enum: string;
  min: Optional;
  max: Optional;
  outsideBad: boolean;
  onChange: boolean;
  deadband: Optional;
  deadbandPercent: Optional;
  longestSilence: string;
  topic: string;
  payload: "json" | "plain";
  qos: string;
  retain: boolean;
}

const stringLength = 16;

export function valuesOf(point: Point | undefined, line: boolean): PointValues {
  return {
    name: point?.name ?? "",
    id: point?.id ?? "",
    address: point?.address ?? (line ? "field:1" : "holding:"),
    type: point?.type ?? (line ? "float64" : "uint16"),
    byteOrder: point?.byteOrder ?? "",
    length: point?.length || stringLength,
    count: point?.count || "",
    blanks: point?.decoding?.blanks ?? false,
    encoding: point?.decoding?.encoding ?? "",
    bits: point?.decoding?.bits ?? "",
    inverted: point?.decoding?.inverted ?? false,
    invalid: point?.decoding?.invalid ?? "",
    scaleFrom: point?.decoding?.scaleFrom ?? "",
    scale: point?.scale || "",
    offset: point?.offset || "",
    decimals: point?.decimals ?? "",
    unit: point?.unit ?? "",
    scanClass: point?.scanClass ?? "",
    writable: point?.writable ?? false,
    expression: point?.expression ?? "",
    enum: point?.enum ?? "",
    min: point?.limits?.min ?? "",
    max: point?.limits?.max ?? "",
    outsideBad: point?.limits?.bad ?? false,
    onChange: point?.publish?.onChange ?? false,
    deadband: point?.publish?.deadband || "",
    deadbandPercent: point?.publish?.deadbandPercent || "",
    longestSilence: point?.publish?.longestSilence ?? "",
    topic: point?.mapping.topic ?? "",
    payload: point?.mapping.payload || "json",
    qos: String(point?.mapping.qos ?? 1),
    retain: point?.mapping.retain ?? false,
  };
}

export function pointOf(values: PointValues): Point {
  if (values.expression.trim() !== "") {
    return computedPoint(values);
  }
  return readPoint(values);
}

/** computedPoint has no place in the device: neither address nor decoding, and it cannot be written. */
function computedPoint(values: PointValues): Point {
  return { ...readPoint(values), address: "", decoding: undefined, byteOrder: undefined, count: undefined, writable: undefined };
}

function readPoint(values: PointValues): Point {
  return {
    id: values.id,
    name: values.name || values.id,
    address: values.address.trim(),
    type: values.type,
    byteOrder: byteOrders(values.type).length > 0 && values.byteOrder !== "" ? values.byteOrder : undefined,
    length: values.type === "string" ? values.length : undefined,
    count: hasCount(values.type) ? values.count || undefined : undefined,
    decoding: decodingOf(values),
    scale: values.scale === "" ? undefined : values.scale,
    offset: values.offset === "" ? undefined : values.offset,
    decimals: values.decimals === "" ? undefined : values.decimals,
    unit: values.unit || undefined,
    scanClass: values.scanClass || undefined,
    writable: values.writable || undefined,
    expression: values.expression.trim() || undefined,
    enum: hasTexts(values.type) ? values.enum.trim() || undefined : undefined,
    limits: limitsOf(values),
    publish: publishingOf(values),
    mapping: {
      topic: values.topic || undefined,
      payload: values.payload,
      qos: Number(values.qos),
      retain: values.retain || undefined,
    },
  };
}

/** hasCount says whether a point of the type can be a list. */
export function hasCount(type: string): boolean {
  return isNumber(type) || type === "bool";
}

export function hasTexts(type: string): boolean {
  return isWhole(type) || type === "bool";
}

function optional(value: Optional): number | undefined {
  return value === "" ? undefined : value;
}

function limitsOf(values: PointValues): Point["limits"] {
  const [min, max] = [optional(values.min), optional(values.max)];
  if (!isNumber(values.type) || (min === undefined && max === undefined)) {
    return undefined;
  }
  return { min, max, bad: values.outsideBad || undefined };
}

function publishingOf(values: PointValues): Point["publish"] {
  if (!values.onChange) {
    return undefined;
  }
  return {
    onChange: true,
    deadband: optional(values.deadband),
    deadbandPercent: optional(values.deadbandPercent),
    longestSilence: values.longestSilence.trim() || undefined,
  };
}

/** decodingOf leaves out what the type cannot have, so that changing the type does not leave anything hidden behind. */
function decodingOf(values: PointValues): Point["decoding"] {
  const { type } = values;
  const encoding = encodingsOf(type).find((one) => one === values.encoding);
  return {
    encoding,
    bits: (isWhole(type) || type === "bool") && values.bits !== "" ? values.bits.trim() : undefined,
    inverted: type === "bool" && values.inverted ? true : undefined,
    invalid: values.invalid.trim() || undefined,
    scaleFrom: isNumber(type) && values.scaleFrom !== "" ? values.scaleFrom.trim() : undefined,
    blanks: type === "string" && fillsUp(encoding) && values.blanks ? true : undefined,
  };
}

/** fillsUp says whether a text of the encoding may be shorter than its place. */
export function fillsUp(encoding: Encoding | undefined): boolean {
  return encoding === undefined || ["", "latin1", "low", "high"].includes(encoding);
}

/** withPoint puts a point into its device: in the place of the one it was, or at the end. */
export function withPoint(device: Device, former: string | undefined, point: Point): Device {
  const points = former === undefined ? [...device.points, point] : device.points.map((one) => (one.id === former ? point : one));
  return { ...device, points };
}

/** variantsOf are the same point in each byte order, to see which of the values is right. */
export function variantsOf(values: PointValues): Point[] {
  const point = pointOf({ ...values, id: "test" });
  const orders = byteOrders(values.type);
  return orders.length === 0 ? [point] : orders.map((byteOrder) => ({ ...point, id: byteOrder, byteOrder }));
}

/** The form's fields by the server's names. */
export const fields = {
  "point.id": "id",
  "point.name": "name",
  "point.address": "address",
  "point.type": "type",
  "point.byteOrder": "byteOrder",
  "point.length": "length",
  "point.count": "count",
  "point.decoding.blanks": "blanks",
  "point.decoding.encoding": "encoding",
  "point.decoding.bits": "bits",
  "point.decoding.inverted": "inverted",
  "point.decoding.invalid": "invalid",
  "point.decoding.scaleFrom": "scaleFrom",
  "point.scale": "scale",
  "point.expression": "expression",
  "point.enum": "enum",
  "point.limits": "max",
  "point.limits.min": "min",
  "point.limits.max": "max",
  "point.publish.onChange": "onChange",
  "point.publish.deadband": "deadband",
  "point.publish.deadbandPercent": "deadbandPercent",
  "point.publish.longestSilence": "longestSilence",
  "point.decimals": "decimals",
  "point.scanClass": "scanClass",
  "point.mapping.topic": "topic",
  "point.mapping.qos": "qos",
  "point.mapping.payload": "payload",
};
