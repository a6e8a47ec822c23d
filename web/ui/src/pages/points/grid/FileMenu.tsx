import { Button, Menu } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { saveAs } from "../../../lib/download";
import { type Draft, type GridRow, withCells, withDeleted } from "./draft";
import { csvOf, tableOf, xlsxOf } from "./files";
import { type Imported, importedOf, matched } from "./foreign";
import { ImportDialog } from "./ImportDialog";
import type { Device } from "../../../api/model";

interface Props {
  device: Device;
  rows: readonly GridRow[];
  draft: Draft;
  onDraft: (draft: Draft) => void;
}

/** FileMenu brings a file into the draft, and saves the table as one. */
export function FileMenu({ device, rows, draft, onDraft }: Props) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const [read, setRead] = useState<{ file: string; imported: Imported }>();
  const refuse = (message: string) => notifications.show({ color: "red", title: t("grid.importFailed"), message });
  const take = async (file: File) => {
    const table = await tableOf(file).catch(() => undefined);
    const imported = table && importedOf(table, device.unit);
    if (imported) {
      setRead({ file: file.name, imported });
    } else {
      refuse(t(table ? "grid.importNames" : "grid.importUnreadable"));
    }
  };
  const match = read && matched(rows, draft, read.imported);
  return (
    <>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={t("grid.import")}
        accept=".csv,.tsv,.txt,.xlsx"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = "";
          if (file) {
            void take(file);
          }
        }}
      />
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <Button variant="default">{t("grid.file")}</Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => input.current?.click()}>{t("grid.importFile")}</Menu.Item>
          <Menu.Item onClick={() => saveAs(csvOf(rows), `${device.id}.csv`)}>{t("grid.exportCSV")}</Menu.Item>
          <Menu.Item onClick={() => saveAs(xlsxOf(rows), `${device.id}.xlsx`)}>{t("grid.exportXLSX")}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {read && match ? (
        <ImportDialog
          file={read.file}
          match={match}
          unused={read.imported.unused}
          onClose={() => setRead(undefined)}
          onImport={(withDeleting) => {
            const next = withCells(device.points, match.draft, match.cells);
            onDraft(withDeleting ? withDeleted(device.points, next, match.absent) : next);
            setRead(undefined);
          }}
        />
      ) : null}
    </>
  );
}
