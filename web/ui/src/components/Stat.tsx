import { Group, Paper, Text } from "@mantine/core";
import type { ReactNode } from "react";

interface Props {
  label: string;
  value: ReactNode;
  unit?: string;
  hint?: string;
}

/** Stat is one figure with its label, as a pair that screen readers read together. */
export function Stat({ label, value, unit, hint }: Props) {
  return (
    <Paper p="md" component="dl" m={0}>
      <Text component="dt" size="sm" c="dimmed">
        {label}
      </Text>
      <Group component="dd" gap={6} align="baseline" m={0} wrap="nowrap">
        <Text component="span" fz={26} fw={650} lh={1.3}>
          {value}
        </Text>
        {unit ? (
          <Text component="span" size="sm" c="dimmed">
            {unit}
          </Text>
        ) : null}
      </Group>
      {hint ? (
        <Text component="dd" m={0} size="xs" c="dimmed">
          {hint}
        </Text>
      ) : null}
    </Paper>
  );
}
