import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useTranslation } from "react-i18next";

import { useForgetLearned } from "../../../api/devices";
import type { Plan } from "../../../api/model";
import { asProblem } from "../../../api/problem";
import { ProblemAlert } from "../../../components/ProblemAlert";

/** Learned says what the plan goes around, since the device refused it, and has it forgotten. */
export function Learned({ device, learned }: { device: string; learned: NonNullable<Plan["learned"]> }) {
  const { t } = useTranslation();
  const forget = useForgetLearned();
  const tables = (learned.tables ?? []).map(({ table, holes, cuts }) =>
    [...(holes ?? []).map(({ from, to }) => (from === to ? `${table}:${from}` : `${table}:${from}-${to}`)), ...(cuts ?? []).map((cut) => `${table}:${cut}`)],
  );
  const places = tables.flat();
  return (
    <>
      {forget.error ? <ProblemAlert problem={asProblem(forget.error)} /> : null}
      <Group gap="sm" mb={4}>
        <Text size="sm">{t("grid.learned", { tables: places.slice(0, 8).join(", ") + (places.length > 8 ? " …" : "") })}</Text>
        <Button size="compact-sm" variant="default" loading={forget.isPending} onClick={() => forget.mutate(device, { onSuccess: () => notifications.show({ message: t("grid.forgotten") }) })}>
          {t("grid.forget")}
        </Button>
      </Group>
    </>
  );
}
