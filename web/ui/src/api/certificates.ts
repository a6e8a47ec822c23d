import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { baseUrl, client, take } from "./client";
import { keys } from "./keys";
import type { CertificateEdit } from "./model";

function useChanged() {
  const cache = useQueryClient();
  return async () => {
    await cache.invalidateQueries({ queryKey: keys.certificates });
  };
}

export function useCertificates() {
  return useQuery({ queryKey: keys.certificates, queryFn: () => take(client.GET("/api/v1/certificates")) });
}

/** useCheckCertificate says what is in an upload; nothing is taken. */
export function useCheckCertificate() {
  return useMutation({
    mutationFn: (body: CertificateEdit) => take(client.POST("/api/v1/certificates/check", { body })),
  });
}

export interface CertificateOrder extends CertificateEdit {
  isNew: boolean;
  id: string;
}

export function useSaveCertificate() {
  return useMutation({
    mutationFn: ({ isNew, ...body }: CertificateOrder) =>
      isNew
        ? take(client.POST("/api/v1/certificates", { body }))
        : take(client.PUT("/api/v1/certificates/{id}", { params: { path: { id: body.id } }, body })),
    onSettled: useChanged(),
  });
}

export function useRemoveCertificate() {
  return useMutation({
    mutationFn: (id: string) => take(client.DELETE("/api/v1/certificates/{id}", { params: { path: { id } } })),
    onSettled: useChanged(),
  });
}

/** caUrl is where the browser gets the certificate of the device's own authority as a file. */
export function caUrl(): string {
  return `${baseUrl()}/api/v1/certificate/ca`;
}
