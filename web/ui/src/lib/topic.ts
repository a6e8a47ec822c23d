export const defaultTopic = "{gateway}/{device}/{point}";

/** topicOf is where the readings of a point are published. */
export function topicOf(template: string | undefined, gateway: string, device: string, point: string): string {
  return (template || defaultTopic)
    .replaceAll("{gateway}", gateway)
    .replaceAll("{device}", device)
    .replaceAll("{point}", point);
}

export interface Shared {
  group: string;
  filter: string;
}

/** sharedOf reads the name of a shared subscription, $share/{group}/{filter} (MQTT 5, 4.8.2), which is that of its queue too. */
export function sharedOf(name: string): Shared | undefined {
  const [, group, filter] = /^\$share\/([^/]+)\/(.+)$/.exec(name) ?? [];
  return group === undefined || filter === undefined ? undefined : { group, filter };
}
