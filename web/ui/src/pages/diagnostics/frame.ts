import type { TFunction } from "i18next";

import type { ModbusFrame } from "../../api/model";

/** More values than this are counted instead of shown; the bytes have them all. */
const shownValues = 16;

/** partsOf is what a frame says, in the order in which one reads it. */
export function partsOf({ unit, name, address, quantity, values, exception, exceptionText }: ModbusFrame, t: TFunction): string[] {
  const shown = values?.slice(0, shownValues).join(" ") ?? "";
  return [
    t("frames.unitOf", { unit }),
    name,
    address ?? "",
    (quantity ?? 0) > 1 ? t("frames.quantity", { count: quantity }) : "",
    shown && `= ${shown}`,
    values && values.length > shownValues ? t("frames.more", { count: values.length }) : "",
    exception ? `${t("frames.exception", { code: exception })}: ${exceptionText ?? ""}` : "",
  ].filter(Boolean);
}

/** hexOf parts the bytes of a hexadecimal text. */
export function hexOf(bytes: string): string {
  return bytes.match(/../g)?.join(" ") ?? "";
}

/** textOfBytes is what a device that sends lines says; what cannot be printed is a dot. */
export function textOfBytes(bytes: string): string {
  return (bytes.match(/../g) ?? [])
    .map((digits) => Number.parseInt(digits, 16))
    .filter((code) => code !== 10 && code !== 13)
    .map((code) => (code >= 32 && code < 127 ? String.fromCharCode(code) : "·"))
    .join("");
}
