import { useNavigate, useSearch } from "@tanstack/react-router";

/** useParam keeps a text in the address, so that what one sees can be linked to; "" is no parameter. */
export function useParam(name: string): [string, (value: string) => void] {
  const search: Record<string, unknown> = useSearch({ strict: false });
  const navigate = useNavigate();
  const value = search[name];
  const set = (next: string) =>
    void navigate({
      to: ".",
      search: ((old: Record<string, unknown>) => ({ ...old, [name]: next === "" ? undefined : next })) as never,
      replace: true,
    });
  return [value === undefined || value === null ? "" : String(value), set];
}
