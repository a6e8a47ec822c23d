import { Group, Paper } from "@mantine/core";
import type { ReactNode } from "react";

import styles from "./Rows.module.css";

/** Rows is a list of things with a name, facts and buttons, which looks the same on a phone and on a desk. */
export function Rows({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Paper component="ul" className={styles.rows} aria-label={label}>
      {children}
    </Paper>
  );
}

interface RowProps {
  name: ReactNode;
  facts: readonly ReactNode[];
  actions?: ReactNode;
}

export function Row({ name, facts, actions }: RowProps) {
  return (
    <li className={styles.row}>
      <div>
        <div className={styles.name}>{name}</div>
        <div className={styles.facts}>
          {facts.filter(Boolean).map((fact, index) => (
            // Facts have no name of their own, and their places stay the same.
            // oxlint-disable-next-line react/no-array-index-key
            <span key={index}>{fact}</span>
          ))}
        </div>
      </div>
      <Group gap={2} wrap="nowrap">
        {actions}
      </Group>
    </li>
  );
}
