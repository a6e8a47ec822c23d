import { Button, Popover, Select, Stack } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { CellInput } from "./CellInput";
import { type ColumnID, columnOf, columns, emptyPoint } from "./columns";

interface Props {
  /** How many points are marked. */
  count: number;
  scanClasses: readonly string[];
  onSet: (column: ColumnID, text: string) => void;
}

/** ChangeMany puts one text into a column of all marked points. */
export function ChangeMany({ count, scanClasses, onSet }: Props) {
  const { t } = useTranslation();
  const [opened, setOpened] = useState(false);
  const [id, setID] = useState<ColumnID>("scanClass");
  const [text, setText] = useState("");
  const column = columnOf[id];
  const set = () => {
    onSet(id, text);
    setOpened(false);
  };
  return (
    <Popover opened={opened} onChange={setOpened} width={280} shadow="md" trapFocus>
      <Popover.Target>
        <Button variant="default" disabled={count === 0} onClick={() => setOpened(!opened)}>
          {t("grid.changeMany", { count })}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="sm">
          <Select
            label={t("grid.field")}
            comboboxProps={{ withinPortal: false }}
            data={columns.filter((one) => one.id !== "id").map((one) => ({ value: one.id, label: t(`grid.column.${one.id}`) }))}
            value={id}
            onChange={(value) => {
              setID((value ?? "scanClass") as ColumnID);
              setText("");
            }}
          />
          <CellInput column={column} text={text} choices={column.choices?.(emptyPoint, scanClasses)} onText={setText} />
          <Button onClick={set}>{t("grid.set")}</Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
