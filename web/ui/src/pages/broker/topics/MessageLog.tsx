import { Button, Group, Paper, Stack, Text, TextInput, Title, UnstyledButton } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { Time } from "../../../components/Time";
import { formatCount } from "../../../lib/format";
import type { Numbered, Passing } from "../../../lib/passing";
import { bytesOf, textOf } from "../../../lib/payload";
import { useParam } from "../../../lib/useParam";
import { useMessages } from "../../../live/messages";
import { MessageFacts } from "./MessageFacts";
import { PayloadView } from "./PayloadView";
import styles from "./topics.module.css";

const everything = "#";
const shownCharacters = 120;

/** MessageLog follows the messages of a filter, as many as a person can look at, and says how many more there were. */
export function MessageLog() {
  const { t } = useTranslation();
  const [filter, setFilter] = useParam("filter");
  const [typed, setTyped] = useState(filter || everything);
  const [follow, setFollow] = useState(false);
  const passing = useMessages(filter || everything, follow);
  const start = (event: FormEvent) => {
    event.preventDefault();
    setFilter(typed.trim());
    setFollow(!follow);
  };
  return (
    <Stack gap="sm">
      <Title order={2} size="h4">
        {t("topics.passing")}
      </Title>
      <form onSubmit={start}>
        <Group gap="sm" align="flex-end">
          <TextInput flex="1 1 180px" label={t("topics.filter")} value={typed} disabled={follow} maxLength={1000} onChange={(event) => setTyped(event.currentTarget.value)} />
          <Button type="submit" variant={follow ? "default" : "filled"}>
            {t(follow ? "topics.stop" : "topics.follow")}
          </Button>
        </Group>
      </form>
      <State passing={passing} follow={follow} />
      {passing.messages.length > 0 ? (
        // A scrolling region takes the focus, so that the keyboard can scroll it.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <Paper className={styles.passed} role="log" aria-live="off" aria-label={t("topics.passing")} tabIndex={0}>
          {passing.messages.map((passed) => (
            <Passed key={passed.number} passed={passed} />
          ))}
        </Paper>
      ) : null}
    </Stack>
  );
}

function State({ passing, follow }: { passing: Passing; follow: boolean }) {
  const { t, i18n } = useTranslation();
  const count = (messages: number) => formatCount(messages, i18n.language);
  if (follow && (passing.state === "refused" || passing.state === "lost")) {
    return (
      <Text c="var(--bad)" role="alert">
        {t(`topics.${passing.state}`)}
      </Text>
    );
  }
  if (passing.count === 0) {
    return <Text c="dimmed">{t(follow ? "topics.waiting" : "topics.notFollowing")}</Text>;
  }
  return (
    <Text size="sm" c="dimmed">
      {t("topics.seen", { count: passing.count, seen: count(passing.count) })}{" "}
      {passing.dropped > 0 ? t("topics.dropped", { count: passing.dropped, dropped: count(passing.dropped) }) : ""}
    </Text>
  );
}

function Passed({ passed: { message } }: { passed: Numbered }) {
  const [open, setOpen] = useState(false);
  const text = textOf(bytesOf(message.payload), false) ?? "";
  return (
    <div className={styles.message}>
      <UnstyledButton className={styles.line} aria-expanded={open} onClick={() => setOpen(!open)}>
        <Text component="span" size="xs" c="dimmed">
          {message.time ? <Time value={message.time} options={{ timeStyle: "medium" }} /> : ""}
        </Text>
        <Text component="span" size="sm" fw={600}>
          {message.topic}
        </Text>
        {open ? null : <span>{text.slice(0, shownCharacters)}</span>}
      </UnstyledButton>
      {open ? (
        <Stack gap="xs" py="xs">
          <Text size="sm" c="dimmed" component="div">
            <MessageFacts message={message} />
          </Text>
          <PayloadView message={message} />
        </Stack>
      ) : null}
    </div>
  );
}
