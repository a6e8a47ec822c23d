/** What only the user knows is in capitals in the address of a preset: mqtts://YOUR-BROKER:8883. */
const unknown = /YOUR-[A-Z-]+/;

/** isTemplate says whether an address has a place that only the user can fill. */
export const isTemplate = (url: string) => unknown.test(url);

/**
 * completed is an address of which a part was typed: a word takes the place in the template, a host or a host with its port
 * gets the beginning and the end of it. What has a scheme is complete.
 */
export function completed(typed: string, template: string): string {
  const text = typed.trim();
  const [, scheme = "", rest = ""] = /^(\w+:\/\/)(.*)$/.exec(template) ?? [];
  if (text === "" || text.includes("://") || scheme === "") {
    return text;
  }
  if (isTemplate(rest) && !/[.:/]/.test(text)) {
    return scheme + rest.replace(unknown, text);
  }
  const port = /:\d+/.test(text) ? "" : (/:\d+$/.exec(rest)?.[0] ?? "");
  return scheme + text + port;
}
