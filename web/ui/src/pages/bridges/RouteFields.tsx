import { Button, Group, NumberInput, Paper, Select, Stack, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { RoutePreview as Preview } from "../../api/model";
import { IconButton } from "../../components/IconButton";
import { IconDelete } from "../../components/icons";
import { RoutePreview } from "./RoutePreview";
import type { Values } from "./values";

interface Props {
  form: UseFormReturnType<Values>;
  index: number;
  /** What it carries, if it goes out and that is known. */
  preview: Preview | undefined;
}

/** RouteFields are the fields of one route; what few need is behind a button, and open where it is used. */
export function RouteFields({ form, index, preview }: Props) {
  const { t } = useTranslation();
  const route = form.values.routes[index];
  const [opened, setOpened] = useState(Boolean(route?.exclude || route?.topic || route?.priority));
  const of = (name: string) => form.getInputProps(`routes.${index}.${name}`);
  return (
    <Paper p="sm">
      <Stack gap="xs">
        <Group align="flex-end" gap="sm">
          <Select
            w={116}
            label={t("bridge.direction")}
            data={[
              { value: "out", label: t("bridge.out") },
              { value: "in", label: t("bridge.in") },
            ]}
            {...of("direction")}
          />
          <TextInput flex="1 1 140px" label={t("bridge.filter")} classNames={{ input: "mono" }} required {...of("filter")} />
          <TextInput flex="1 1 80px" label={t("bridge.prefix")} classNames={{ input: "mono" }} {...of("prefix")} />
          <Select
            w={72}
            label={t("bridge.qos")}
            data={["0", "1", "2"]}
            value={String(route?.qos ?? 1)}
            onChange={(value) => form.setFieldValue(`routes.${index}.qos`, Number(value))}
          />
          <IconButton label={t("bridge.removeRoute", { number: index + 1 })} onClick={() => form.removeListItem("routes", index)}>
            <IconDelete />
          </IconButton>
        </Group>
        {opened ? (
          <Group align="flex-start" gap="sm">
            <TextInput flex="1 1 180px" label={t("bridge.exclude")} description={t("bridge.excludeHelp")} classNames={{ input: "mono" }} {...of("exclude")} />
            <TextInput flex="1 1 180px" label={t("bridge.topic")} description={t("bridge.topicHelp")} classNames={{ input: "mono" }} {...of("topic")} />
            {route?.direction === "out" ? (
              <NumberInput flex="1 1 180px" label={t("bridge.priority")} description={t("bridge.priorityHelp")} min={0} max={9} {...of("priority")} />
            ) : null}
          </Group>
        ) : (
          <Group>
            <Button variant="subtle" size="compact-sm" onClick={() => setOpened(true)} aria-label={t("bridge.moreOf", { number: index + 1 })}>
              {t("bridge.more")}
            </Button>
          </Group>
        )}
        {route?.direction === "out" && preview ? <RoutePreview preview={preview} /> : null}
      </Stack>
    </Paper>
  );
}
