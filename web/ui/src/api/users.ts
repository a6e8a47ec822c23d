import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { client, take } from "./client";
import { keys } from "./keys";
import type { NewToken, Person } from "./model";

const refreshMs = 10_000;

/** useChanged asks again for everything about accounts, and for the session: whoever changed himself is logged out. */
function useChanged() {
  const cache = useQueryClient();
  return async () => {
    await Promise.all([keys.users, keys.logins, keys.tokens, keys.session].map((queryKey) => cache.invalidateQueries({ queryKey })));
  };
}

export function useUsers() {
  return useQuery({ queryKey: keys.users, queryFn: () => take(client.GET("/api/v1/users")) });
}

export interface PersonOrder {
  isNew: boolean;
  user: Person;
  /** Empty keeps the password of somebody who is there. */
  password: string;
}

export function useSaveUser() {
  return useMutation({
    mutationFn: ({ isNew, ...body }: PersonOrder) =>
      isNew
        ? take(client.POST("/api/v1/users", { body }))
        : take(client.PUT("/api/v1/users/{name}", { params: { path: { name: body.user.name } }, body })),
    onSettled: useChanged(),
  });
}

export function useRemoveUser() {
  return useMutation({
    mutationFn: (name: string) => take(client.DELETE("/api/v1/users/{name}", { params: { path: { name } } })),
    onSettled: useChanged(),
  });
}

export function useLogins() {
  return useQuery({ queryKey: keys.logins, queryFn: () => take(client.GET("/api/v1/logins")), refetchInterval: refreshMs });
}

export function useEndLogin() {
  return useMutation({
    mutationFn: (id: string) => take(client.DELETE("/api/v1/logins/{id}", { params: { path: { id } } })),
    onSettled: useChanged(),
  });
}

export function useTokens() {
  return useQuery({ queryKey: keys.tokens, queryFn: () => take(client.GET("/api/v1/tokens")), refetchInterval: refreshMs });
}

export function useAddToken() {
  return useMutation({
    mutationFn: (body: NewToken) => take(client.POST("/api/v1/tokens", { body })),
    onSettled: useChanged(),
  });
}

export function useRemoveToken() {
  return useMutation({
    mutationFn: (id: string) => take(client.DELETE("/api/v1/tokens/{id}", { params: { path: { id } } })),
    onSettled: useChanged(),
  });
}
