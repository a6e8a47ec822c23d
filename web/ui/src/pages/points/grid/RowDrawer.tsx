import { Button, Drawer, Group, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { CellInput } from "./CellInput";
import { type ColumnID, columns } from "./columns";
import { type GridRow, textOf } from "./draft";
import { problemKey, type Problems } from "./problems";

interface Props {
  row: GridRow;
  problems: Problems;
  scanClasses: readonly string[];
  onText: (column: ColumnID, text: string) => void;
  onDelete: () => void;
  onClose: () => void;
}

/** RowDrawer is a row of the draft as a form; what is typed is in the draft at once. */
export function RowDrawer({ row, problems, scanClasses, onText, onDelete, onClose }: Props) {
  const { t } = useTranslation();
  return (
    <Drawer opened onClose={onClose} title={row.point.name || row.point.id || t("grid.unnamed")} closeButtonProps={{ "aria-label": t("common.close"), size: "lg" }}>
      <Stack gap="sm">
        {columns.map((column) => (
          <CellInput
            key={column.id}
            column={column}
            text={textOf(row, column.id)}
            choices={column.choices?.(row.point, scanClasses)}
            problem={row.wrong.includes(column.id) ? t(`grid.notA.${column.kind}`) : problems.get(problemKey(row.key, column.id))}
            disabled={row.edit?.deleted === true || (column.id === "id" && row.base !== undefined)}
            onText={(text) => onText(column.id, text)}
          />
        ))}
        <Group justify="space-between" mt="sm">
          <Button variant="default" onClick={onDelete}>
            {t(row.edit?.deleted ? "grid.undelete" : "common.delete")}
          </Button>
          <Button onClick={onClose}>{t("grid.done")}</Button>
        </Group>
      </Stack>
    </Drawer>
  );
}
