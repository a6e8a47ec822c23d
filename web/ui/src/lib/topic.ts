export const defaultTopic = "{gateway}/{device}/{point}";

/** topicOf is where the readings of a point are published. */
export function topicOf(template: string | undefined, gateway: string, device: string, point: string): string {
  return (template || defaultTopic)
    .replaceAll("{gateway}", gateway)
    .replaceAll("{device}", device)
    .replaceAll("{point}", point);
}
