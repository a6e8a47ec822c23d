import { notifications } from "@mantine/notifications";
import { useLocation, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { Role } from "./model";
import { allows, useRole, useSession } from "./session";

/**
 * useGuard wraps an action that needs a role: who may not do it is led to set-up or login, and back to this place
 * afterwards; who is logged in with too low a role is told so.
 */
export function useGuard() {
  const { t } = useTranslation();
  const { data: session } = useSession();
  const role = useRole();
  const navigate = useNavigate();
  const { href } = useLocation();
  return (least: Exclude<Role, "">, action: () => void) => () => {
    if (session?.user && !allows(role, least)) {
      notifications.show({ color: "red", title: t("problem.forbidden"), message: t("guard.needs", { role: t(`role.${least}`) }) });
    } else if (session?.user) {
      action();
    } else {
      void navigate({ to: session?.setUpDone ? "/login" : "/setup", search: { next: href } as never });
    }
  };
}
