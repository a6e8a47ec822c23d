import { Button, Group, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useSaveDevice } from "../../../api/devices";
import type { Config, Device } from "../../../api/model";
import { asProblem } from "../../../api/problem";
import { IconAdd, IconSearch } from "../../../components/icons";
import { ProblemAlert } from "../../../components/ProblemAlert";
import { useIsNarrow } from "../../../lib/useIsPhone";
import { ApplyDialog } from "./ApplyDialog";
import { Cards } from "./Cards";
import { ChangeMany } from "./ChangeMany";
import type { ColumnID } from "./columns";
import { ConflictAlert } from "./ConflictAlert";
import { withDeleted, withNew } from "./draft";
import { FileMenu } from "./FileMenu";
import { PlanBar } from "./PlanBar";
import { RowDrawer } from "./RowDrawer";
import { Sheet } from "./Sheet";
import styles from "./Sheet.module.css";
import { useGrid } from "./useGrid";
import { useSheet } from "./useSheet";

/** Rows that PageUp and PageDown pass. */
const page = 12;

/** DeviceGrid is the grid of a device with its buttons, and the plan below it. Nothing is applied before it was looked at. */
export function DeviceGrid({ config, device }: { config: Config; device: Device }) {
  const { t } = useTranslation();
  const narrow = useIsNarrow();
  const grid = useGrid(config, device);
  const save = useSaveDevice();
  const [looking, setLooking] = useState(false);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [opened, setOpened] = useState<string>();
  const { rows, draft, wrong, conflicts, preview } = grid;
  const sheet = useSheet({ rows, page, draft, onCells: grid.type, onUndo: grid.undo, onRedo: grid.redo });
  const scanClasses = config.scanClasses.map(({ id }) => id);
  const marked = narrow ? rows.filter(({ key }) => ticked.has(key)) : rows.slice(sheet.block.top, sheet.block.bottom + 1);
  const changes = preview.data?.changes.length ?? 0;
  const openedRow = grid.all.find(({ key }) => key === opened);
  const tick = (key: string) => setTicked((old) => (old.has(key) ? new Set([...old].filter((one) => one !== key)) : new Set([...old, key])));
  const add = () => {
    const [next, [key]] = withNew(draft, 1);
    grid.set(next);
    if (narrow) {
      setOpened(key);
    } else {
      sheet.go({ row: rows.length, column: 0 });
    }
  };
  const remove = (keys: readonly string[]) => grid.set(withDeleted(device.points, draft, keys));
  const setAll = (column: ColumnID, text: string) => grid.type(marked.map(({ key }) => ({ key, column, text })));
  const apply = () =>
    save.mutate(
      { id: device.id, revision: config.revision, device: grid.edited.device },
      {
        onSuccess: () => {
          notifications.show({ message: t("grid.applied", { count: changes }) });
          grid.discard();
          setLooking(false);
        },
      },
    );
  return (
    <>
      <ConflictAlert conflicts={conflicts} onKeep={grid.resolve} />
      {preview.error ? <ProblemAlert problem={asProblem(preview.error)} /> : null}
      <Group mb="sm" gap="xs">
        <TextInput aria-label={t("point.search")} type="search" flex="1 1 160px" leftSection={<IconSearch size={18} />} value={grid.search} onChange={(event) => grid.setSearch(event.currentTarget.value)} />
        <Button variant="default" leftSection={<IconAdd size={18} />} onClick={add}>
          {t("grid.addRow")}
        </Button>
        <ChangeMany count={marked.length} scanClasses={scanClasses} onSet={setAll} />
        <Button variant="default" disabled={marked.length === 0} onClick={() => remove(marked.map(({ key }) => key))}>
          {t("grid.deleteMany", { count: marked.length })}
        </Button>
        <Button variant="default" disabled={!grid.canUndo} onClick={grid.undo}>
          {t("grid.undo")}
        </Button>
        <Button variant="default" disabled={!grid.canRedo} onClick={grid.redo}>
          {t("grid.redo")}
        </Button>
        <FileMenu device={device} rows={grid.all} draft={draft} onDraft={grid.set} />
      </Group>
      {narrow ? (
        <Cards device={device} rows={rows} wrong={wrong} marked={ticked} onMark={tick} onOpen={setOpened} />
      ) : (
        <Sheet device={device} rows={rows} problems={grid.problems} scanClasses={scanClasses} sheet={sheet} />
      )}
      <PlanBar plan={preview.data?.plan} points={grid.edited.device.points.length} device={device.id} />
      <Group justify="flex-end" mt="xs" gap="sm" aria-live="polite" className={styles.actions}>
        {wrong.size > 0 ? <Text size="sm" c="var(--bad)">{t("grid.wrongRows", { count: wrong.size })}</Text> : null}
        {draft.size > 0 ? (
          <Button variant="default" onClick={grid.discard}>
            {t("grid.discard")}
          </Button>
        ) : null}
        <Button disabled={draft.size === 0 || wrong.size > 0 || conflicts.length > 0 || !grid.current || changes === 0} onClick={() => setLooking(true)}>
          {t("grid.apply", { count: draft.size === 0 ? 0 : changes })}
        </Button>
      </Group>
      {looking && preview.data ? (
        <ApplyDialog
          preview={preview.data}
          saving={save.isPending}
          error={save.error}
          onApply={apply}
          onClose={() => {
            save.reset();
            setLooking(false);
          }}
        />
      ) : null}
      {narrow && openedRow ? (
        <RowDrawer
          row={openedRow}
          problems={grid.problems}
          scanClasses={scanClasses}
          onText={(column, text) => grid.type([{ key: openedRow.key, column, text }])}
          onDelete={() => {
            remove([openedRow.key]);
            setOpened(undefined);
          }}
          onClose={() => setOpened(undefined)}
        />
      ) : null}
    </>
  );
}
