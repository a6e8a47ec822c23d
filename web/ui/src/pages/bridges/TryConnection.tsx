import { Button, List, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { useCheckBridge, useTestBridge } from "../../api/bridges";
import type { Bridge } from "../../api/model";
import { asProblem } from "../../api/problem";
import { IconTest } from "../../components/icons";
import { ProblemAlert } from "../../components/ProblemAlert";
import { TestSteps } from "./TestSteps";

interface Props {
  /** The bridge as the form has it. */
  order: () => { revision: number; bridge: Bridge };
}

/** TryConnection checks the settings and tries the connection step by step; nothing is saved by it. */
export function TryConnection({ order }: Props) {
  const { t } = useTranslation();
  const check = useCheckBridge();
  const test = useTestBridge();
  const hints = [...(check.data?.problems ?? []), ...(check.data?.warnings ?? [])];
  const start = () => {
    const sent = order();
    check.mutate(sent);
    test.mutate(sent);
  };
  return (
    <Stack gap="sm">
      <Button variant="default" leftSection={<IconTest size={18} />} loading={test.isPending} onClick={start}>
        {t("bridge.test")}
      </Button>
      {hints.length > 0 ? (
        <List size="sm">
          {hints.map(({ field, message }) => (
            <List.Item key={`${field} ${message}`}>{message}</List.Item>
          ))}
        </List>
      ) : null}
      {test.error ? <ProblemAlert problem={asProblem(test.error)} /> : null}
      {test.data ? <TestSteps test={test.data} /> : null}
    </Stack>
  );
}
