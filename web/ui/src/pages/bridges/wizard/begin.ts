// What a new bridge begins with (pure).
import type { BridgePreset, Config } from "../../../api/model";
import { isTemplate } from "../../../lib/brokerURL";
import { freeID, slug } from "../../../lib/slug";
import { probeTopicOf, type Values, withPreset } from "../values";

/** Of a broker of which nothing is known. */
const anyTemplate = "mqtt://YOUR-BROKER:1883";

export const templateOf = (preset: BridgePreset | undefined) => preset?.fields.url ?? anyTemplate;

/** begun is a bridge to this kind of broker: what only the user knows of its address is left open. */
export function begun(config: Config, values: Values, id: string, presets: readonly BridgePreset[]): Values {
  const preset = presets.find((one) => one.id === id);
  const name = preset?.name ?? "Broker";
  const template = templateOf(preset);
  return {
    ...withPreset(values, id, presets),
    url: isTemplate(template) ? "" : template,
    name,
    id: freeID(
      slug(name),
      config.bridges.map((one) => one.id),
    ),
    link: { ...values.link, probeTopic: probeTopicOf(config.name, preset) },
  };
}
