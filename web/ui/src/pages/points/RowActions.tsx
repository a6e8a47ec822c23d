import { Group } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { IconButton } from "../../components/IconButton";
import { IconChart, IconDelete, IconEdit, IconWrite } from "../../components/icons";
import type { Row } from "./rows";

export interface RowCommands {
  onChart: (row: Row) => void;
  onWrite: (row: Row) => void;
  onEdit: (row: Row) => void;
  onDelete: (row: Row) => void;
}

export function RowActions({ row, onChart, onWrite, onEdit, onDelete }: RowCommands & { row: Row }) {
  const { t } = useTranslation();
  return (
    <Group gap={0} wrap="nowrap" justify="flex-end">
      <IconButton label={t("past.title", { name: row.name })} onClick={() => onChart(row)}>
        <IconChart />
      </IconButton>
      {row.point.writable ? (
        <IconButton label={t("write.title", { name: row.name })} onClick={() => onWrite(row)}>
          <IconWrite />
        </IconButton>
      ) : null}
      <IconButton label={t("common.editNamed", { name: row.name })} onClick={() => onEdit(row)}>
        <IconEdit />
      </IconButton>
      <IconButton label={t("common.deleteNamed", { name: row.name })} onClick={() => onDelete(row)}>
        <IconDelete />
      </IconButton>
    </Group>
  );
}
