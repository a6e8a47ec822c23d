// @vitest-environment happy-dom
import { expect, it } from "vitest";

import { isPKCS12, uploadOf } from "./upload";

const file = (name: string, content: BlobPart) => new File([content], name);

it("sends PEM as text, with its key from a file of its own", async () => {
  const files = { certificate: file("plant.crt", "cert"), key: file("plant.key", "key"), password: "left over" };
  await expect(uploadOf(files)).resolves.toEqual({ certificate: "cert", key: "key" });
  await expect(uploadOf({ ...files, key: null })).resolves.toEqual({ certificate: "cert" });
});

it("sends PKCS#12 byte for byte, with its password and without a key beside it", async () => {
  const files = { certificate: file("Plant.PFX", new Uint8Array([0, 255, 128])), key: file("plant.key", "key"), password: "secret" };
  expect(isPKCS12(files.certificate)).toBe(true);
  await expect(uploadOf(files)).resolves.toEqual({ pkcs12: "AP+A", password: "secret" });
});

it("sends nothing when only the listeners are changed", async () => {
  await expect(uploadOf({ certificate: null, key: null, password: "" })).resolves.toEqual({});
});
