import { Button, Group, Paper, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { useTestDevice } from "../../api/devices";
import type { Config, Device } from "../../api/model";
import { asProblem } from "../../api/problem";
import { QualityBadge } from "../../components/badges";
import { IconTest } from "../../components/icons";
import { ProblemAlert } from "../../components/ProblemAlert";
import { formatValue } from "../../lib/format";
import { type PointValues, variantsOf } from "./pointForm";

interface Props {
  config: Config;
  device: Device;
  values: PointValues;
  onChoose: (byteOrder: string) => void;
  onError: (error: unknown) => void;
}

/** TryPoint reads the point now, in every byte order side by side: the right one is the one that makes sense. */
export function TryPoint({ config, device, values, onChoose, onError }: Props) {
  const { t, i18n } = useTranslation();
  const test = useTestDevice();
  const connection = config.connections.find((one) => one.id === device.connection);
  if (!connection) {
    return null;
  }
  const run = () => test.mutate({ connection, device: { ...device, points: variantsOf(values) } }, { onError });
  return (
    <Paper p="sm">
      <Stack gap="xs">
        <Group justify="space-between">
          <Text size="sm">{t("point.tryHelp")}</Text>
          <Button variant="default" leftSection={<IconTest size={18} />} loading={test.isPending} onClick={run}>
            {t("point.try")}
          </Button>
        </Group>
        <div aria-live="polite" data-testid="tried">
          {test.error ? <ProblemAlert problem={asProblem(test.error)} /> : null}
          {test.data?.map((reading) => (
            <Group key={reading.point.point} justify="space-between" gap="xs" mih={40}>
              {reading.point.point === "test" ? null : <code>{reading.point.point}</code>}
              <Text fw={650}>
                {formatValue(reading.value, i18n.language)} {values.unit}
              </Text>
              {reading.quality === "good" && reading.point.point !== "test" ? (
                <Button size="compact-sm" variant="default" onClick={() => onChoose(reading.point.point)}>
                  {t("point.useOrder", { order: reading.point.point })}
                </Button>
              ) : (
                <QualityBadge quality={reading.quality} />
              )}
              {reading.reason ? (
                <Text size="sm" c="dimmed" w="100%">
                  {reading.reason}
                </Text>
              ) : null}
            </Group>
          ))}
        </div>
      </Stack>
    </Paper>
  );
}
