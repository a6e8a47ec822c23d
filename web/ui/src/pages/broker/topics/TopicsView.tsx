import { Button, Group, Stack, TextInput, Title } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useGuard } from "../../../api/useGuard";
import { IconSearch, IconUp } from "../../../components/icons";
import { useParam } from "../../../lib/useParam";
import { MessageLog } from "./MessageLog";
import { PublishDrawer } from "./PublishDrawer";
import { RetainedMessage } from "./RetainedMessage";
import { TopicTree } from "./TopicTree";
import styles from "./topics.module.css";

/** TopicsView shows what the broker retains, level by level, and what passes through it. */
export function TopicsView() {
  const { t } = useTranslation();
  const guard = useGuard();
  const [topic, setTopic] = useParam("topic");
  const [typed, setTyped] = useState("");
  const [publishing, setPublishing] = useState<string>();
  const publish = (to: string) => guard("operator", () => setPublishing(to))();
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-end">
        <TextInput
          flex="1 1 240px"
          maw={480}
          label={t("topics.find")}
          placeholder={t("topics.findHint")}
          leftSection={<IconSearch size={18} />}
          value={typed}
          maxLength={1000}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Button leftSection={<IconUp size={18} />} onClick={() => publish(topic)}>
          {t("topics.publish")}
        </Button>
      </Group>
      <div className={styles.columns}>
        <Stack gap="sm">
          <Title order={2} size="h4">
            {t("topics.retained")}
          </Title>
          <TopicTree typed={typed.trim()} selected={topic} onSelect={setTopic} />
          {topic === "" ? null : <RetainedMessage key={topic} topic={topic} onPublish={() => publish(topic)} onClose={() => setTopic("")} />}
        </Stack>
        <MessageLog />
      </div>
      {publishing === undefined ? null : <PublishDrawer topic={publishing} onClose={() => setPublishing(undefined)} />}
    </Stack>
  );
}
