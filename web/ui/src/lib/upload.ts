// What a person brings, as the gateway takes it.
import type { CertificateEdit } from "../api/model";

export interface Files {
  certificate: File | null;
  /** Only beside PEM that has no key in it. */
  key: File | null;
  password: string;
}

/** isPKCS12 goes by the name: a file of this format has its key in it and a password. */
export function isPKCS12(file: File | null): boolean {
  return file !== null && /\.(p12|pfx)$/i.test(file.name);
}

/** uploadOf is empty when no file was chosen, which keeps the certificate. */
export async function uploadOf({ certificate, key, password }: Files): Promise<CertificateEdit> {
  if (certificate === null) {
    return {};
  }
  if (isPKCS12(certificate)) {
    return { pkcs12: base64(new Uint8Array(await certificate.arrayBuffer())), password };
  }
  return { certificate: await certificate.text(), ...(key ? { key: await key.text() } : {}) };
}

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
