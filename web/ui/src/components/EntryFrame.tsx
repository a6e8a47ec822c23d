import { Center, Group, Paper, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { Logo } from "./Logo";

interface Props {
  title: string;
  text: string;
  children: ReactNode;
}

/** EntryFrame is the frame of set-up and login, before there is a menu. */
export function EntryFrame({ title, text, children }: Props) {
  const { t } = useTranslation();
  return (
    <Center mih="100dvh" p="md" component="main">
      <Paper p="xl" w="100%" maw={440} shadow="sm">
        <Stack gap="lg">
          <Group gap="sm">
            <Logo size={36} />
            <Text fw={700} fz={22}>
              {t("shell.brand")}
            </Text>
          </Group>
          <Stack gap={4}>
            <Title order={1} size="h3">
              {title}
            </Title>
            <Text c="dimmed" size="sm">
              {text}
            </Text>
          </Stack>
          {children}
        </Stack>
      </Paper>
    </Center>
  );
}
