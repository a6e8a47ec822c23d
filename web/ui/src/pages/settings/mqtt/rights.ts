// Rights on MQTT as the fields of a form.
import type { MQTTPreset, MQTTRights, Rule } from "../../../api/model";
import type { FormFields } from "../../../lib/fields";

export interface RightsValues {
  /** ownRules, or the name of a preset. */
  preset: string;
  rules: Rule[];
}

/** ownRules is the choice beside the presets. */
export const ownRules = "+";

/** newPreset is what the gateway gives a new MQTT user when nothing is said. */
export const newPreset = "own-topics";

export const emptyRule: Rule = { action: "both", effect: "allow", filter: "" };

export function rightsValues(rights: MQTTRights | undefined): RightsValues {
  if (!rights) {
    return { preset: newPreset, rules: [] };
  }
  return { preset: rights.preset || ownRules, rules: rights.rules ?? [] };
}

export function rightsOf({ preset, rules }: RightsValues): MQTTRights {
  return preset === ownRules ? { rules: rules.map((rule) => ({ ...rule, filter: rule.filter.trim() })) } : { preset };
}

/** inForce are the rules that count. */
export function inForce(rights: MQTTRights, presets: readonly MQTTPreset[]): readonly Rule[] {
  return rights.preset ? (presets.find(({ name }) => name === rights.preset)?.rules ?? []) : (rights.rules ?? []);
}

/** rightsFields are the places of the server for the fields of the rules. */
export function rightsFields({ rules }: RightsValues): FormFields {
  return Object.fromEntries(rules.map((_, index) => [`rules.${index}.filter`, `rules.${index}.filter`]));
}
