import { Accordion, Button, Group, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { keys } from "../../../api/keys";
import { asProblem } from "../../../api/problem";
import { usePreviewRollback, useRevisions, useRollBack } from "../../../api/revisions";
import { ProblemAlert } from "../../../components/ProblemAlert";
import { Failed, LoadingList } from "../../../components/states";
import { Time } from "../../../components/Time";
import { useParam } from "../../../lib/useParam";
import { PreviewDialog } from "./PreviewDialog";
import { RevisionChanges } from "./RevisionChanges";

const page = 25;

/** RevisionList has each save with what it changed, and rolls back to one. */
export function RevisionList() {
  const { t } = useTranslation();
  const revisions = useRevisions();
  const cache = useQueryClient();
  const preview = usePreviewRollback();
  const rollBack = useRollBack();
  const [opened, setOpened] = useParam("revision");
  const [count, setCount] = useState(page);
  const close = () => {
    preview.reset();
    rollBack.reset();
  };
  if (revisions.isPending) {
    return <LoadingList />;
  }
  if (revisions.isError) {
    return <Failed error={revisions.error} onRetry={() => void revisions.refetch()} />;
  }
  const number = preview.variables ?? 0;
  const newest = revisions.data[0]?.number;
  return (
    <Stack>
      {revisions.data.length === 0 ? <Text c="dimmed">{t("revisions.none")}</Text> : null}
      {preview.error ? <ProblemAlert problem={asProblem(preview.error)} /> : null}
      <Accordion variant="contained" value={opened === "" ? null : opened} onChange={(value) => setOpened(value ?? "")}>
        {revisions.data.slice(0, count).map((revision) => (
          <Accordion.Item key={revision.number} value={String(revision.number)}>
            <Accordion.Control>
              <Group gap="xs" justify="space-between">
                <Text fw={600}>{t(revision.number === newest ? "revisions.newest" : "revisions.one", { number: revision.number })}</Text>
                <Text size="sm" c="dimmed">
                  {revision.author} · <Time value={revision.time} />
                </Text>
              </Group>
            </Accordion.Control>
            <Accordion.Panel>
              {opened === String(revision.number) ? (
                <Stack>
                  <RevisionChanges number={revision.number} />
                  {revision.number === newest ? null : (
                    <Group>
                      <Button variant="default" loading={preview.isPending} onClick={() => preview.mutate(revision.number)}>
                        {t("revisions.rollBack", { number: revision.number })}
                      </Button>
                    </Group>
                  )}
                </Stack>
              ) : null}
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
      {revisions.data.length > count ? (
        <Button variant="default" onClick={() => setCount(count + page)}>
          {t("revisions.more")}
        </Button>
      ) : null}
      <PreviewDialog
        title={t("revisions.rollBackTitle", { number })}
        preview={preview.data}
        confirm={t("revisions.confirm")}
        applying={rollBack.isPending}
        error={rollBack.error}
        onCancel={close}
        onConfirm={(revision) =>
          rollBack.mutate(
            { number, revision },
            {
              onSuccess: (saved) => {
                notifications.show({ message: t("revisions.rolledBack", { number, revision: saved.revision }) });
                close();
                void cache.invalidateQueries({ queryKey: keys.revisions, exact: true });
              },
            },
          )
        }
      />
    </Stack>
  );
}
