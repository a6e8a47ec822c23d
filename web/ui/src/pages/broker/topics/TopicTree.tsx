import { Button, Paper, Text, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useTopics } from "../../../api/messages";
import type { TopicLevel } from "../../../api/model";
import { IconOpen } from "../../../components/icons";
import { Failed, LoadingList } from "../../../components/states";
import { formatCount } from "../../../lib/format";
import styles from "./topics.module.css";

interface Shared {
  selected: string;
  onSelect: (topic: string) => void;
}

interface Props extends Shared {
  /** What was typed of a topic: the levels before the last slash are entered, the rest is searched for. */
  typed: string;
}

export function TopicTree({ typed, ...shared }: Props) {
  const { t } = useTranslation();
  const slash = typed.lastIndexOf("/") + 1;
  return (
    <Paper component="nav" aria-label={t("topics.retained")} className={styles.tree}>
      <Levels prefix={typed.slice(0, slash)} search={typed.slice(slash)} {...shared} />
    </Paper>
  );
}

/** Levels asks for the levels below a prefix when it is shown, the first hundred at once. */
function Levels({ prefix, search, ...shared }: Shared & { prefix: string; search: string }) {
  const { t, i18n } = useTranslation();
  const topics = useTopics(prefix, search);
  if (topics.isPending) {
    return <LoadingList />;
  }
  if (topics.isError) {
    return <Failed error={topics.error} onRetry={() => void topics.refetch()} />;
  }
  const levels = topics.data.pages.flatMap((page) => page.levels);
  const left = (topics.data.pages.at(-1)?.total ?? 0) - levels.length;
  if (levels.length === 0) {
    return (
      <Text c="dimmed" p="xs">
        {t(search === "" ? "topics.none" : "topics.notFound")}
      </Text>
    );
  }
  return (
    <>
      <ul className={styles.levels}>
        {levels.map((level) => (
          <Level key={level.name} prefix={prefix} level={level} {...shared} />
        ))}
      </ul>
      {topics.hasNextPage ? (
        <Button variant="subtle" size="compact-sm" loading={topics.isFetchingNextPage} onClick={() => void topics.fetchNextPage()}>
          {t("topics.more", { count: left, left: formatCount(left, i18n.language) })}
        </Button>
      ) : null}
    </>
  );
}

function Level({ prefix, level, ...shared }: Shared & { prefix: string; level: TopicLevel }) {
  const { t } = useTranslation();
  const topic = prefix + level.name;
  const [open, setOpen] = useState(shared.selected.startsWith(`${topic}/`));
  const name = level.name === "" ? t("topics.unnamed") : level.name;
  return (
    <li>
      <div className={styles.level}>
        {level.below > 0 ? (
          <UnstyledButton className={styles.open} aria-expanded={open} aria-label={t("topics.levelsOf", { name: topic })} onClick={() => setOpen(!open)}>
            <IconOpen size={16} />
          </UnstyledButton>
        ) : (
          <span className={styles.open} />
        )}
        {level.retained ? (
          <UnstyledButton className={styles.name} aria-current={topic === shared.selected} onClick={() => shared.onSelect(topic)}>
            {name}
            <span className={styles.preview}>{level.preview || t("topics.bytes", { count: level.size })}</span>
          </UnstyledButton>
        ) : (
          <UnstyledButton className={styles.name} tabIndex={-1} onClick={() => setOpen(!open)}>
            {name}
            <span className={styles.preview}>{level.below}</span>
          </UnstyledButton>
        )}
      </div>
      {open && level.below > 0 ? <Levels prefix={`${topic}/`} search="" {...shared} /> : null}
    </li>
  );
}
