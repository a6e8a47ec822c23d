import { Alert, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { gatewayTime } from "../lib/clock";
import { formatSpan } from "../lib/format";
import { useNow } from "../lib/useNow";
import { IconWarn } from "./icons";
import { Time } from "./Time";

/** A difference of this much is no delay of the network. */
const most = 5_000;

/** ClockCheck compares the clock of the gateway with that of the browser, and says what to do when they differ. */
export function ClockCheck() {
  const { t, i18n } = useTranslation();
  const gateway = useNow();
  const difference = gatewayTime(0);
  if (Math.abs(difference) <= most) {
    return (
      <Text size="sm" c="dimmed">
        {t("clock.right")} <Time value={new Date(gateway)} />
      </Text>
    );
  }
  return (
    <Alert color="red" variant="light" icon={<IconWarn />} title={t(difference > 0 ? "clock.ahead" : "clock.behind", { span: formatSpan(Math.abs(difference), i18n.language) })}>
      {t("clock.gateway")} <Time value={new Date(gateway)} />. {t("clock.browser")} <Time value={new Date(gateway - difference)} />. {t("clock.help")}
    </Alert>
  );
}
