/** styleNonce is what style elements of this document have to carry to be in force: the gateway writes it into each document. */
export function styleNonce(page: Document): string {
  return page.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce ?? "";
}
