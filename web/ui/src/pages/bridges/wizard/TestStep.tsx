import { Text, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useTranslation } from "react-i18next";

import type { BridgeOrder } from "../../../api/model";
import { TryConnection } from "../TryConnection";
import type { Values } from "../values";

/** TestStep tries the connection at once; who knows better may go on all the same. */
export function TestStep({ form, order }: { form: UseFormReturnType<Values>; order: () => BridgeOrder }) {
  const { t } = useTranslation();
  return (
    <>
      <Text size="sm">{t("bridge.testText")}</Text>
      <TryConnection order={order} atOnce />
      <TextInput label={t("bridge.probeTopic")} description={t("bridge.probeTopicHelp")} classNames={{ input: "mono" }} autoCapitalize="none" {...form.getInputProps("link.probeTopic")} />
    </>
  );
}
