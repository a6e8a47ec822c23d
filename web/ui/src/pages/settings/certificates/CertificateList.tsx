import { useTranslation } from "react-i18next";

import type { Certificate } from "../../../api/model";
import { Expiry } from "../../../components/Expiry";
import { IconButton } from "../../../components/IconButton";
import { IconDelete, IconEdit } from "../../../components/icons";
import { Row, Rows } from "../../../components/Rows";
import { formatTime } from "../../../lib/time";

interface Props {
  certificates: readonly Certificate[];
  onEdit: (id: string) => void;
  onDelete: (id: string) => void;
}

export function CertificateList({ certificates, onEdit, onDelete }: Props) {
  const { t } = useTranslation();
  return (
    <Rows label={t("settings.certificates")}>
      {certificates.map((certificate) => (
        <CertificateRow key={`${certificate.kind} ${certificate.id ?? ""}`} certificate={certificate} onEdit={onEdit} onDelete={onDelete} />
      ))}
    </Rows>
  );
}

interface RowProps extends Omit<Props, "certificates"> {
  certificate: Certificate;
}

function CertificateRow({ certificate, onEdit, onDelete }: RowProps) {
  const { t, i18n } = useTranslation();
  const { kind, id = "", names, issuer, notAfter } = certificate;
  return (
    <Row
      name={
        <>
          {kind === "uploaded" ? id : t(`certificate.kinds.${kind}`, { id })}
          <Expiry certificate={certificate} />
        </>
      }
      facts={[
        names.join(", "),
        t("certificate.issuedBy", { issuer }),
        t("certificate.until", { time: formatTime(notAfter, i18n.language) }),
        <Use key="use" certificate={certificate} />,
      ]}
      actions={
        kind === "uploaded" ? (
          <>
            <IconButton label={t("common.editNamed", { name: id })} onClick={() => onEdit(id)}>
              <IconEdit />
            </IconButton>
            <IconButton label={t("common.deleteNamed", { name: id })} onClick={() => onDelete(id)}>
              <IconDelete />
            </IconButton>
          </>
        ) : null
      }
    />
  );
}

/** Use says who sees a certificate now. */
function Use({ certificate: { kind, usedBy } }: { certificate: Certificate }) {
  const { t } = useTranslation();
  if (kind === "ca" || kind === "bridge") {
    return null;
  }
  const places = usedBy.map((id) => (id === "page" ? t("certificate.page") : id));
  return places.length > 0 ? t("certificate.usedBy", { places: places.join(", ") }) : t("certificate.unused");
}
