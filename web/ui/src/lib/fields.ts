import type { FieldProblem } from "../api/problem";

/** The fields of a form by the name that the server has for them: {"device.unit": "unit", "connection.url": "host"}. */
export type FormFields = Readonly<Record<string, string>>;

/**
 * fieldErrors puts what the server said about fields at the fields of a form. The server names a place in the request
 * ("device.points[0].mapping.topic"); it belongs to the longest name that the place ends with, and "[0]" of a point is
 * left out, since a form is about one point. What belongs to no field is left over, to be shown above the form.
 */
export function fieldErrors(
  problems: readonly FieldProblem[],
  form: FormFields,
): { errors: Record<string, string>; rest: string[] } {
  const errors: Record<string, string> = {};
  const rest: string[] = [];
  for (const { field: place, detail } of problems) {
    const field = fieldAt(place, form);
    if (field !== undefined && errors[field] === undefined) {
      errors[field] = detail;
    } else {
      rest.push(detail);
    }
  }
  return { errors, rest };
}

function fieldAt(place: string, form: FormFields): string | undefined {
  const normal = `.${place.replace(/\.points\[\d+\]/, ".point").replace(/\[(\d+)\]/g, ".$1")}`;
  const names = Object.keys(form).filter((name) => normal.endsWith(`.${name}`));
  const longest = names.toSorted((a, b) => b.length - a.length)[0];
  return longest === undefined ? undefined : form[longest];
}
