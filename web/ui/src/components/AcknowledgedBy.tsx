import { Box, Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { Alarm } from "../api/model";
import { IconGood } from "./icons";
import { Time } from "./Time";

/** AcknowledgedBy says who has seen an alarm, and when. */
export function AcknowledgedBy({ acknowledged: { by, at } }: { acknowledged: NonNullable<Alarm["acknowledged"]> }) {
  const { t } = useTranslation();
  return (
    <Group gap={4} wrap="nowrap" c="dimmed" align="flex-start">
      <Box component="span" flex="none" lh={0}>
        <IconGood size={18} />
      </Box>
      <Text size="sm" style={{ overflowWrap: "anywhere" }}>
        {t("alarms.acknowledgedBy", { by })} · <Time value={at} options={{ dateStyle: "short", timeStyle: "short" }} />
      </Text>
    </Group>
  );
}
