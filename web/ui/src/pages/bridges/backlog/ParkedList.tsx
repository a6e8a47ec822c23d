import { Checkbox, Code, Group, ScrollArea, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { ParkedMessage } from "../../../api/model";
import { formatBytes } from "../../../lib/format";

interface Props {
  list: readonly ParkedMessage[];
  marked: ReadonlySet<number>;
  onMark: (position: number) => void;
}

/** ParkedList is one entry for each refused message: what it was about, and why it was refused. */
export function ParkedList({ list, marked, onMark }: Props) {
  const { t } = useTranslation();
  return (
    <ScrollArea.Autosize mah={420} type="auto" viewportProps={{ tabIndex: 0, role: "region", "aria-label": t("parked.list") }}>
      <Stack component="ul" gap="sm" m={0} p={0} style={{ listStyle: "none" }}>
        {list.map((message) => (
          <Entry key={message.position} message={message} marked={marked.has(message.position)} onMark={() => onMark(message.position)} />
        ))}
      </Stack>
    </ScrollArea.Autosize>
  );
}

function Entry({ message, marked, onMark }: { message: ParkedMessage; marked: boolean; onMark: () => void }) {
  const { t, i18n } = useTranslation();
  const time = new Intl.DateTimeFormat(i18n.language, { dateStyle: "short", timeStyle: "medium" }).format(Date.parse(message.at));
  return (
    <Group component="li" gap="sm" wrap="nowrap" align="flex-start">
      <Checkbox size="md" pt={2} checked={marked} onChange={onMark} aria-label={t("parked.mark", { topic: message.topic, time })} />
      <div style={{ minWidth: 0 }}>
        <Code style={{ overflowWrap: "anywhere" }}>{message.topic || t("parked.damaged")}</Code>
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {message.reason}
        </Text>
        <Text size="xs" c="dimmed">
          {t("parked.facts", { time, size: formatBytes(message.bytes, i18n.language), qos: message.qos })}
        </Text>
      </div>
    </Group>
  );
}
