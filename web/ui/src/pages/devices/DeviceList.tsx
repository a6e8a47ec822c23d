import { Anchor, Group, Paper, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { Config, Device, DeviceStatus } from "../../api/model";
import { StateBadge } from "../../components/badges";
import styles from "../../components/cards.module.css";
import { IconButton } from "../../components/IconButton";
import { IconDelete, IconEdit } from "../../components/icons";
import { parseAddress, placeOf } from "../../lib/address";
import { formatSpan } from "../../lib/format";
import { useNow } from "../../lib/useNow";
import { useStatus } from "../../live/live";

interface Props {
  config: Config;
  onEdit: (device: Device) => void;
  onDelete: (device: Device) => void;
}

export function DeviceList({ config, onEdit, onDelete }: Props) {
  const { t } = useTranslation();
  const status = useStatus();
  const states = new Map(
    status?.connections.flatMap((connection) => connection.devices.map((device) => [device.id, device] as const)),
  );
  return (
    <ul className={styles.list}>
      {config.devices.map((device) => (
        <Paper key={device.id} component="li" className={styles.card} data-testid={`device-${device.id}`}>
          <DeviceFacts config={config} device={device} status={states.get(device.id)} />
          <Group gap={2} wrap="nowrap" align="flex-start">
            <IconButton label={t("common.editNamed", { name: device.name || device.id })} onClick={() => onEdit(device)}>
              <IconEdit />
            </IconButton>
            <IconButton label={t("common.deleteNamed", { name: device.name || device.id })} onClick={() => onDelete(device)}>
              <IconDelete />
            </IconButton>
          </Group>
          {status ? <Reason status={states.get(device.id)} /> : null}
        </Paper>
      ))}
    </ul>
  );
}

function DeviceFacts({ config, device, status }: { config: Config; device: Device; status: DeviceStatus | undefined }) {
  const { t, i18n } = useTranslation();
  const connection = config.connections.find((one) => one.id === device.connection);
  const protocol = connection && parseAddress(connection.url).protocol;
  const number = (ms: number) => new Intl.NumberFormat(i18n.language, { maximumSignificantDigits: 2 }).format(ms);
  return (
    <div>
      <div className={styles.name}>
        <Text fw={650} fz="md">
          {device.name || device.id}
        </Text>
        <StateBadge state={device.disabled ? "disabled" : (status?.state ?? "starting")} />
      </div>
      <div className={styles.facts}>
        <span>{connection && protocol ? `${t(`protocol.${protocol}`)} · ${placeOf(connection.url)}` : device.connection}</span>
        {protocol === "line" ? null : <span>{t("device.unitFact", { unit: device.unit })}</span>}
        <span>{device.scanClass}</span>
        {device.profile ? (
          <Anchor component={Link} to="/profiles" search={{ profile: device.profile.id } as never} size="sm" underline="always">
            {t("profile.fact", {
              name: config.profiles?.find((one) => one.id === device.profile?.id)?.name ?? device.profile.id,
              version: device.profile.version,
            })}
          </Anchor>
        ) : null}
        <Anchor component={Link} to="/points" search={{ device: device.id } as never} size="sm" underline="always">
          {t("device.points", { count: device.points.length })}
        </Anchor>
        {status && status.lastMs > 0 ? (
          <span>{t("device.lastMs", { ms: number(status.lastMs) })}</span>
        ) : null}
        {status?.turnaroundMs && status.timeoutMs ? (
          <span>{t("device.patience", { turnaround: number(status.turnaroundMs), timeout: number(status.timeoutMs) })}</span>
        ) : null}
      </div>
    </div>
  );
}

function Reason({ status }: { status: DeviceStatus | undefined }) {
  const { t, i18n } = useTranslation();
  const now = useNow();
  if (!status?.reason || status.state === "up") {
    return null;
  }
  return (
    <p className={styles.reason}>
      {status.reason} · {t("common.since", { span: formatSpan(now - Date.parse(status.since), i18n.language) })}
    </p>
  );
}
