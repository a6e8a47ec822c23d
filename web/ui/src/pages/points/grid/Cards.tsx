import { Checkbox, Group, Paper, Text, UnstyledButton } from "@mantine/core";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import { useTranslation } from "react-i18next";

import type { Device } from "../../../api/model";
import { ToneBadge } from "../../../components/badges";
import { LiveAge, LiveQuality, LiveValue } from "../LiveCells";
import type { GridRow } from "./draft";

const cardHeight = 112;

interface Props {
  device: Device;
  rows: readonly GridRow[];
  /** Rows with something wrong. */
  wrong: ReadonlySet<string>;
  marked: ReadonlySet<string>;
  onMark: (key: string) => void;
  onOpen: (key: string) => void;
}

/** Cards is the grid for a narrow screen: a card opens what the columns are on a wide one. */
export function Cards({ device, rows, wrong, marked, onMark, onOpen }: Props) {
  const { t } = useTranslation();
  const list = useRef<HTMLDivElement>(null);
  const virtual = useWindowVirtualizer({ count: rows.length, estimateSize: () => cardHeight, overscan: 4, scrollMargin: list.current?.offsetTop ?? 0 });
  return (
    <div ref={list} role="list" style={{ height: virtual.getTotalSize(), position: "relative" }}>
      {virtual.getVirtualItems().map((item) => {
        const row = rows[item.index];
        return row ? (
          <div key={row.key} role="listitem" style={{ position: "absolute", insetInline: 0, top: 0, transform: `translateY(${item.start - virtual.options.scrollMargin}px)` }}>
            <Paper p="sm" h={cardHeight - 8} data-testid={`row-${row.point.id}`}>
              <Group wrap="nowrap" align="flex-start" gap="sm">
                <Checkbox size="md" aria-label={t("grid.mark", { name: row.point.name || row.key })} checked={marked.has(row.key)} onChange={() => onMark(row.key)} />
                <UnstyledButton flex={1} onClick={() => onOpen(row.key)} style={{ minWidth: 0, textDecoration: row.edit?.deleted ? "line-through" : undefined }}>
                  <Text fw={600} truncate>
                    {row.point.name || row.point.id || t("grid.unnamed")}
                  </Text>
                  <Text size="sm" c="dimmed" className="mono" truncate>
                    {[row.point.address || row.point.expression, row.point.type, row.point.byteOrder].filter(Boolean).join(" · ")}
                  </Text>
                </UnstyledButton>
                {row.base ? <LiveValue row={liveRow(device, row)} /> : null}
              </Group>
              <Group gap="sm" mt={4}>
                {wrong.has(row.key) ? <ToneBadge tone="bad" text={t("grid.wrong")} /> : null}
                {row.edit ? <ToneBadge tone="calm" text={t(row.edit.deleted ? "grid.deleted" : "grid.changed")} /> : null}
                {row.base ? <LiveQuality row={liveRow(device, row)} /> : null}
                {row.base ? <LiveAge row={liveRow(device, row)} /> : null}
              </Group>
            </Paper>
          </div>
        ) : null;
      })}
    </div>
  );
}

const liveRow = (device: Device, row: GridRow) => ({ key: `${device.id}/${row.point.id}`, device, point: row.point, name: row.point.name, topic: "" });
