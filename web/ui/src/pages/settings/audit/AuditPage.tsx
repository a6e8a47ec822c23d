import { Accordion, Button, Group, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { useAudit } from "../../../api/audit";
import type { AuditEntry } from "../../../api/model";
import { IconRevisions } from "../../../components/icons";
import { PageHeader } from "../../../components/PageHeader";
import { Empty, Failed, LoadingList } from "../../../components/states";
import { Time } from "../../../components/Time";
import { useParam } from "../../../lib/useParam";
import { FieldTable } from "../revisions/FieldTable";
import { RevisionChanges } from "../revisions/RevisionChanges";

/** AuditPage is who changed what, the newest first. */
export function AuditPage() {
  const { t } = useTranslation();
  const audit = useAudit();
  const [opened, setOpened] = useParam("entry");
  const entries = audit.data?.pages.flat() ?? [];
  return (
    <>
      <PageHeader title={t("settings.audit")} text={t("audit.text")} />
      {audit.isPending ? <LoadingList /> : null}
      {audit.isError ? <Failed error={audit.error} onRetry={() => void audit.refetch()} /> : null}
      {audit.isSuccess && entries.length === 0 ? <Empty icon={<IconRevisions size={40} />} title={t("audit.empty")} text={t("audit.emptyText")} /> : null}
      <Stack>
        <Accordion variant="contained" value={opened === "" ? null : opened} onChange={(value) => setOpened(value ?? "")}>
          {entries.map((entry) => (
            <Entry key={entry.number} entry={entry} opened={opened === String(entry.number)} />
          ))}
        </Accordion>
        {audit.hasNextPage ? (
          <Button variant="default" loading={audit.isFetchingNextPage} onClick={() => void audit.fetchNextPage()}>
            {t("revisions.more")}
          </Button>
        ) : null}
      </Stack>
    </>
  );
}

function Entry({ entry, opened }: { entry: AuditEntry; opened: boolean }) {
  const { t } = useTranslation();
  const action = t(`did.${entry.action}` as "did.addUser", { defaultValue: entry.action });
  return (
    <Accordion.Item value={String(entry.number)}>
      <Accordion.Control>
        <Group gap="xs" justify="space-between">
          <Text>
            <Text component="span" fw={600}>
              {action}
            </Text>{" "}
            <span className="mono">{entry.subject}</span>
          </Text>
          <Text size="sm" c="dimmed">
            {[entry.author, entry.address].filter(Boolean).join(" · ")} · <Time value={entry.time} />
          </Text>
        </Group>
      </Accordion.Control>
      <Accordion.Panel>{opened ? <Details entry={entry} action={action} /> : null}</Accordion.Panel>
    </Accordion.Item>
  );
}

function Details({ entry, action }: { entry: AuditEntry; action: string }) {
  const { t } = useTranslation();
  const fields = entry.fields ?? [];
  if (entry.revision) {
    return (
      <Stack gap="xs">
        <Text size="sm">{t("revisions.one", { number: entry.revision })}</Text>
        <RevisionChanges number={entry.revision} />
      </Stack>
    );
  }
  if (fields.length === 0) {
    return <Text c="dimmed">{t("audit.noFields")}</Text>;
  }
  return <FieldTable label={`${action} ${entry.subject ?? ""}`} fields={fields} isNew={fields.every(({ before }) => before === "")} />;
}
