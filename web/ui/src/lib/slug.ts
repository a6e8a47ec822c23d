const longest = 64;

/** slug makes an id that the gateway accepts from a name: "Pump 3 (north)" becomes "pump-3-north". */
export function slug(name: string): string {
  return name
    .normalize("NFKD")
    .replace(/\u00df/g, "ss")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, "-")
    .replace(/^[-_]+|-+$/g, "")
    .slice(0, longest)
    .replace(/-+$/, "");
}

/** freeID is id, or id-2, id-3 … when it is taken. */
export function freeID(id: string, taken: readonly string[]): string {
  if (!taken.includes(id)) {
    return id;
  }
  for (let n = 2; ; n++) {
    const next = `${id}-${n}`;
    if (!taken.includes(next)) {
      return next;
    }
  }
}

export function isID(id: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(id);
}
