import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { client, take } from "./client";
import { useConfigChanged } from "./config";
import { keys } from "./keys";
import type { Connection, DeviceBatch } from "./model";

/** useProfiles lists the profiles, by name, with the devices that use them. */
export function useProfiles() {
  return useQuery({ queryKey: keys.profiles, queryFn: () => take(client.GET("/api/v1/profiles")) });
}

/** useProfile is all of the newest version of a profile; nothing is asked for while id is empty. */
export function useProfile(id: string) {
  return useQuery({
    queryKey: [...keys.profiles, id],
    queryFn: () => take(client.GET("/api/v1/profiles/{id}", { params: { path: { id } } })),
    enabled: id !== "",
  });
}

/** Who changes what devices refer to changes both: the configuration, and who uses a profile. */
function useProfilesChanged() {
  const cache = useQueryClient();
  const changed = useConfigChanged();
  return async () => {
    await Promise.all([changed(), cache.invalidateQueries({ queryKey: keys.profiles })]);
  };
}

/** An uploaded text, or the id of a built-in profile. */
interface ProfileChange {
  text?: string;
  id?: string;
}

export function usePreviewProfile() {
  return useMutation({ mutationFn: (body: ProfileChange) => take(client.POST("/api/v1/profiles/preview", { body })) });
}

export function usePutProfile() {
  const changed = useProfilesChanged();
  return useMutation({
    mutationFn: (body: ProfileChange & { revision: number }) => take(client.POST("/api/v1/profiles", { body })),
    onSettled: changed,
  });
}

export function useRemoveProfile() {
  const changed = useProfilesChanged();
  return useMutation({
    mutationFn: ({ id, revision }: { id: string; revision: number }) =>
      take(client.DELETE("/api/v1/profiles/{id}", { params: { path: { id }, query: { revision } } })),
    onSettled: changed,
  });
}

export function useDetachDevice() {
  const changed = useProfilesChanged();
  return useMutation({
    mutationFn: ({ id, revision }: { id: string; revision: number }) =>
      take(client.POST("/api/v1/devices/{id}/detach", { params: { path: { id } }, body: { revision } })),
    onSettled: changed,
  });
}

/** useAddDevices adds several devices in one revision. */
export function useAddDevices() {
  const changed = useProfilesChanged();
  return useMutation({
    mutationFn: (body: DeviceBatch) => take(client.POST("/api/v1/devices/batch", { body })),
    onSettled: changed,
  });
}

/** useIdentify asks a unit who it is. */
export function useIdentify() {
  return useMutation({
    mutationFn: (body: { connection: Connection; unit: number }) => take(client.POST("/api/v1/connections/identify", { body })),
  });
}
