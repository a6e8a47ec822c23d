import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { client, take } from "./client";
import { keys } from "./keys";
import type { MQTTQuestion, MQTTUser } from "./model";

function useChanged() {
  const cache = useQueryClient();
  return async () => {
    await cache.invalidateQueries({ queryKey: keys.mqttUsers });
  };
}

export function useMQTTUsers() {
  return useQuery({ queryKey: keys.mqttUsers, queryFn: () => take(client.GET("/api/v1/mqtt/users")) });
}

/** usePresets are the sets of rules that the program has; they never change while it runs. */
export function usePresets() {
  return useQuery({ queryKey: keys.mqttPresets, queryFn: () => take(client.GET("/api/v1/mqtt/presets")), staleTime: Infinity });
}

export interface MQTTUserOrder {
  isNew: boolean;
  user: MQTTUser;
  password: string;
  /** Have a password made in place of one that is given. */
  generate: boolean;
}

export function useSaveMQTTUser() {
  return useMutation({
    mutationFn: ({ isNew, ...body }: MQTTUserOrder) =>
      isNew
        ? take(client.POST("/api/v1/mqtt/users", { body }))
        : take(client.PUT("/api/v1/mqtt/users/{name}", { params: { path: { name: body.user.name } }, body })),
    onSettled: useChanged(),
  });
}

export function useRemoveMQTTUser() {
  return useMutation({
    mutationFn: (name: string) => take(client.DELETE("/api/v1/mqtt/users/{name}", { params: { path: { name } } })),
    onSettled: useChanged(),
  });
}

export function useMayMQTT() {
  return useMutation({
    mutationFn: (body: MQTTQuestion) => take(client.POST("/api/v1/mqtt/access-check", { body })),
  });
}
