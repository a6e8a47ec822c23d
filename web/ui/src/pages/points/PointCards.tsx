import { Group, Paper, Text } from "@mantine/core";

import styles from "../../components/cards.module.css";
import { LiveAge, LiveQuality, LiveValue } from "./LiveCells";
import { RowActions, type RowCommands } from "./RowActions";
import type { Row } from "./rows";

/** PointCards is the grid for a narrow screen. */
export function PointCards({ rows, ...commands }: RowCommands & { rows: readonly Row[] }) {
  return (
    <ul className={styles.list}>
      {rows.map((row) => (
        <Paper key={row.key} component="li" p="sm" data-testid={`point-${row.key}`}>
          <Group justify="space-between" wrap="nowrap" align="flex-start">
            <div>
              <Text fw={600}>{row.name}</Text>
              <Text size="sm" c="dimmed">
                {row.device.name || row.device.id}
              </Text>
            </div>
            <LiveValue row={row} />
          </Group>
          <Group justify="space-between" gap="xs" mt={4}>
            <Group gap="sm">
              <LiveQuality row={row} />
              <LiveAge row={row} />
            </Group>
            <RowActions row={row} {...commands} />
          </Group>
        </Paper>
      ))}
    </ul>
  );
}
