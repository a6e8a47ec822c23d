import { Button, CopyButton, Popover, Stack, Text, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { baseUrl } from "../../api/client";
import type { Row } from "../points/rows";
import { type Stretch, writeView } from "./view";

/** LinkButton gives the address of what is shown, which shows the same tomorrow. */
export function LinkButton({ rows, stretch }: { rows: readonly Row[]; stretch: Stretch }) {
  const { t } = useTranslation();
  const { from = "", to = "" } = writeView({ span: Math.round(stretch.to - stretch.from), end: Math.round(stretch.to) });
  const query = new URLSearchParams({ points: rows.map(({ key }) => key).join(","), from, to });
  const link = `${baseUrl()}/#/charts?${query.toString()}`;
  return (
    <Popover width={320} position="top" shadow="md" trapFocus withArrow>
      <Popover.Target>
        <Button variant="default">{t("chart.link")}</Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          <TextInput label={t("chart.linkLabel")} value={link} readOnly classNames={{ input: "mono" }} onFocus={(event) => event.currentTarget.select()} />
          <Text size="xs" c="dimmed">
            {t("chart.linkHelp")}
          </Text>
          {navigator.clipboard ? (
            <CopyButton value={link}>
              {({ copied, copy }) => (
                <Button variant="default" onClick={copy}>
                  {t(copied ? "common.copied" : "common.copy")}
                </Button>
              )}
            </CopyButton>
          ) : null}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
