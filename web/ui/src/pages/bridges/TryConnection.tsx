import { Button, List, Stack, Text } from "@mantine/core";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

import { useCheckBridge, useTestBridge } from "../../api/bridges";
import type { BridgeOrder } from "../../api/model";
import { asProblem } from "../../api/problem";
import { IconTest } from "../../components/icons";
import { ProblemAlert } from "../../components/ProblemAlert";
import { TestSteps } from "./TestSteps";

interface Props {
  /** The bridge as the form has it. */
  order: () => BridgeOrder;
  /** It begins by itself. */
  atOnce?: boolean;
}

/** TryConnection checks the settings and tries the connection step by step; nothing is saved by it. */
export function TryConnection({ order, atOnce = false }: Props) {
  const { t } = useTranslation();
  const check = useCheckBridge();
  const test = useTestBridge();
  const hints = [...(check.data?.problems ?? []), ...(check.data?.warnings ?? [])];
  const start = () => {
    const sent = order();
    check.mutate(sent);
    test.mutate(sent);
  };
  const begun = useRef(false);
  useEffect(() => {
    if (atOnce && !begun.current) {
      begun.current = true;
      start();
    }
  });
  return (
    <Stack gap="sm">
      <Button variant="default" leftSection={<IconTest size={18} />} loading={test.isPending} onClick={start}>
        {t(test.isIdle ? "bridge.test" : "bridge.testAgain")}
      </Button>
      {hints.length > 0 ? (
        <List size="sm">
          {hints.map(({ field, message }) => (
            <List.Item key={`${field} ${message}`}>{message}</List.Item>
          ))}
        </List>
      ) : null}
      {test.isPending ? <Text size="sm">{t("bridge.testing")}</Text> : null}
      {test.error ? <ProblemAlert problem={asProblem(test.error)} /> : null}
      {test.data ? <TestSteps test={test.data} /> : null}
    </Stack>
  );
}
