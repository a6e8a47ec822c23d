import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { client, take } from "./client";
import { useConfigChanged } from "./config";
import { keys } from "./keys";
import type { Connection, Device, Value } from "./model";

export interface DeviceEdit {
  /** The id of the device to change; none for a new one. */
  id?: string;
  revision: number;
  connection?: Connection;
  device: Device;
}

export function useSaveDevice() {
  const changed = useConfigChanged();
  return useMutation({
    mutationFn: ({ id, ...body }: DeviceEdit) =>
      id === undefined
        ? take(client.POST("/api/v1/devices", { body }))
        : take(client.PUT("/api/v1/devices/{id}", { params: { path: { id } }, body })),
    onSettled: changed,
  });
}

export function useDeleteDevice() {
  const changed = useConfigChanged();
  return useMutation({
    mutationFn: ({ id, revision }: { id: string; revision: number }) =>
      take(client.DELETE("/api/v1/devices/{id}", { params: { path: { id }, query: { revision } } })),
    onSettled: changed,
  });
}

/** useForgetLearned has a device asked as on the first day. */
export function useForgetLearned() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => take(client.DELETE("/api/v1/devices/{id}/learned", { params: { path: { id } } })),
    onSettled: (_result, _error, id) => queryClient.invalidateQueries({ queryKey: [...keys.config, "preview", id] }),
  });
}

/** useTestDevice reads the points of a device once; nothing is saved. */
export function useTestDevice() {
  return useMutation({
    mutationFn: (body: { connection: Connection; device: Device }) =>
      take(client.POST("/api/v1/devices/test", { body })),
  });
}

/** useWritePoint sets a point; the answer is what was read back. */
export function useWritePoint() {
  return useMutation({
    mutationFn: ({ device, point, value }: { device: string; point: string; value: Value }) =>
      take(
        client.POST("/api/v1/points/{device}/{point}/write", { params: { path: { device, point } }, body: { value } }),
      ),
  });
}

export function useSerialPorts(enabled: boolean) {
  return useQuery({
    queryKey: keys.serialPorts,
    queryFn: () => take(client.GET("/api/v1/serial/ports")),
    enabled,
    retry: false,
  });
}

/** A draft of a device; version tells drafts apart. */
export interface DeviceDraft {
  revision: number;
  device: Device;
  version: number;
}

/** useDevicePreview says what a draft would do; what was known stays until the next answer. */
export function useDevicePreview({ revision, device, version }: DeviceDraft) {
  return useQuery({
    queryKey: [...keys.config, "preview", device.id, revision, version],
    queryFn: () => take(client.POST("/api/v1/devices/{id}/preview", { params: { path: { id: device.id } }, body: { revision, device } })),
    placeholderData: keepPreviousData,
    gcTime: 0,
    retry: false,
  });
}
