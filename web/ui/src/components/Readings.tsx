import { Group, Paper, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { Reading } from "../api/model";
import { formatValue } from "../lib/format";
import { QualityBadge } from "./badges";

/** Readings shows what a test read, as a list. */
export function Readings({ readings, names }: { readings: readonly Reading[]; names: (point: string) => string }) {
  const { i18n } = useTranslation();
  return (
    <Paper p="sm">
      <Stack gap="xs" component="ul" m={0} p={0} style={{ listStyle: "none" }} data-testid="readings">
        {readings.map((reading) => (
          <Group key={reading.point.point} component="li" justify="space-between" gap="xs">
            <Text size="sm">{names(reading.point.point)}</Text>
            <Group gap="sm">
              <Text fw={650}>{formatValue(reading.value, i18n.language)}</Text>
              <QualityBadge quality={reading.quality} />
            </Group>
            {reading.reason ? (
              <Text size="sm" c="dimmed" w="100%">
                {reading.reason}
              </Text>
            ) : null}
          </Group>
        ))}
      </Stack>
    </Paper>
  );
}
