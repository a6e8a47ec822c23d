import type { SerialPort } from "../../api/model";

/** hardware are the ports that are plugged in. */
export function hardware(ports: readonly SerialPort[]): SerialPort[] {
  return ports.filter(({ present, device }) => present && device);
}

/** isGone says that a path names a port that is not there now. */
export function isGone(ports: readonly SerialPort[], path: string): boolean {
  const known = ports.find((port) => [port.path, port.device, port.byId, port.byPath].includes(path));
  return path.startsWith("/dev/") && !(known?.present ?? false);
}

/** spare are the ports that no connection uses: what can take the place of one that is gone. */
export function spare(ports: readonly SerialPort[]): SerialPort[] {
  return ports.filter(({ connection }) => !connection);
}

/** nameOf is what people know an adapter by; one of two that say the same is named by its place. */
export function nameOf({ device, product, serial, twin, byPath }: SerialPort): string {
  const place = twin ? byPath?.split("/").at(-1) : undefined;
  return [device, product, serial ?? place].filter(Boolean).join(", ");
}
