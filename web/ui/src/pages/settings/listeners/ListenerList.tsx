import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { Listener, ListenerStatus } from "../../../api/model";
import { StateBadge, ToneBadge } from "../../../components/badges";
import { IconButton } from "../../../components/IconButton";
import { IconDelete, IconEdit } from "../../../components/icons";
import { Row, Rows } from "../../../components/Rows";
import { isExposed, kinds } from "./values";

interface Props {
  listeners: readonly Listener[];
  /** How they are doing; not all are in it right after a change. */
  status: readonly ListenerStatus[];
  onEdit: (id: string) => void;
  onDelete: (id: string) => void;
}

export function ListenerList({ listeners, status, onEdit, onDelete }: Props) {
  const { t } = useTranslation();
  return (
    <Rows label={t("settings.listeners")}>
      {listeners.map((listener) => (
        <ListenerRow key={listener.id} listener={listener} status={status.find(({ id }) => id === listener.id)} onEdit={onEdit} onDelete={onDelete} />
      ))}
    </Rows>
  );
}

interface RowProps extends Omit<Props, "listeners" | "status"> {
  listener: Listener;
  status: ListenerStatus | undefined;
}

function ListenerRow({ listener, status, onEdit, onDelete }: RowProps) {
  const { t } = useTranslation();
  const { id } = listener;
  const kind = kinds.find((known) => known === listener.kind) ?? "tcp";
  return (
    <Row
      name={
        <>
          {id}
          {status ? <StateBadge state={status.state} /> : null}
          {isExposed(listener) ? <ToneBadge tone="warn" text={t("listener.exposed")} /> : null}
        </>
      }
      facts={[
        t(`listener.kinds.${kind}`),
        <span key="address" className="mono">{listener.address}</span>,
        t(listener.anonymous ? "listener.anonymousFact" : "listener.namedFact"),
        listener.proxyProtocol ? t("listener.proxyFact") : null,
        status?.state === "up" ? t("listener.clients", { count: status.clients }) : null,
        status?.state === "down" ? <Trouble key="trouble" reason={status.reason} /> : null,
      ]}
      actions={
        <>
          <IconButton label={t("common.editNamed", { name: id })} onClick={() => onEdit(id)}>
            <IconEdit />
          </IconButton>
          <IconButton label={t("common.deleteNamed", { name: id })} onClick={() => onDelete(id)}>
            <IconDelete />
          </IconButton>
        </>
      }
    />
  );
}

/** Trouble says why a listener is not open, in the gateway's words, and what to do. */
function Trouble({ reason }: { reason: string | undefined }) {
  const { t } = useTranslation();
  return (
    <Text component="span" size="sm" display="block">
      {reason ? `${reason}. ` : null}
      {t("listener.retried")}
    </Text>
  );
}
