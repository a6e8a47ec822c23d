import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { client, take } from "./client";
import { keys } from "./keys";
import type { Role } from "./model";

export function useSession() {
  return useQuery({
    queryKey: keys.session,
    queryFn: () => take(client.GET("/api/v1/session")),
    staleTime: 30_000,
  });
}

const rank: Readonly<Record<Role, number>> = { "": 0, viewer: 1, operator: 2, administrator: 3 };

export function allows(role: Role, least: Role): boolean {
  return rank[role] >= rank[least];
}

/** useRole is the role of the person at the screen; visitors of a public gateway are viewers. */
export function useRole(): Role {
  const { data } = useSession();
  if (data?.user) {
    return data.user.role;
  }
  return data?.publicView ? "viewer" : "";
}

/** useSignIn refreshes everything after the person at the screen has changed. */
function useSignedIn() {
  const cache = useQueryClient();
  return async () => {
    await cache.invalidateQueries();
  };
}

export function useSetUp() {
  return useMutation({
    mutationFn: (body: { token: string; name: string; password: string; gatewayName: string; timeZone: string; openMqttTls: boolean }) =>
      take(client.POST("/api/v1/setup", { body })),
    onSuccess: useSignedIn(),
  });
}

export function useLogin() {
  return useMutation({
    mutationFn: (body: { name: string; password: string }) => take(client.POST("/api/v1/login", { body })),
    onSuccess: useSignedIn(),
  });
}

export function useLogout() {
  return useMutation({
    mutationFn: () => take(client.POST("/api/v1/logout")),
    onSuccess: useSignedIn(),
  });
}
