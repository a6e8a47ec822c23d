import { Switch, Textarea } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useTranslation } from "react-i18next";

import type { Values } from "./values";

/** ProxyFields name the proxies that are believed about the addresses of clients. */
export function ProxyFields({ form }: { form: UseFormReturnType<Values> }) {
  const { t } = useTranslation();
  return (
    <>
      <Switch label={t("listener.proxy")} description={t("listener.proxyHelp")} {...form.getInputProps("proxy", { type: "checkbox" })} />
      {form.values.proxy ? (
        <Textarea label={t("listener.proxies")} description={t("listener.proxiesHelp")} autosize minRows={2} classNames={{ input: "mono" }} {...form.getInputProps("proxies")} />
      ) : null}
    </>
  );
}
