import { useNavigate } from "@tanstack/react-router";

import { useParam } from "./useParam";

/** useThen goes on to where the visitor wanted to be before login or set-up came between; only pages of ours count. */
export function useThen(): () => void {
  const [next] = useParam("next");
  const navigate = useNavigate();
  return () => void navigate({ to: next.startsWith("/") && !next.startsWith("//") ? next : "/", replace: true });
}
