import { Group, Pagination, Paper, Select, Stack, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { type SessionSort, sessionsPerPage, useSessions } from "../../api/broker";
import { IconBroker } from "../../components/icons";
import { Empty, Failed, LoadingList } from "../../components/states";
import { useParam } from "../../lib/useParam";
import { SessionDrawer } from "./SessionDrawer";
import { SessionTable } from "./SessionTable";

const sorts: readonly SessionSort[] = ["id", "queue", "since", "received", "sent"];

const typingMs = 250;

/** The sessions of the broker, searched and sorted by it, a page at a time. */
export function Sessions() {
  const { t } = useTranslation();
  const [search, setSearch] = useState("");
  const [sort, setSort] = useState<SessionSort>("id");
  const [page, setPage] = useState(1);
  const [opened, setOpened] = useParam("session");
  const [typed] = useDebouncedValue(search.trim(), typingMs);
  const sessions = useSessions({ search: typed, sort, page });
  const pages = Math.ceil((sessions.data?.total ?? 0) / sessionsPerPage);
  return (
    <Stack gap="md">
      <Group gap="sm" align="end">
        <TextInput
          label={t("broker.search")}
          placeholder={t("broker.searchHint")}
          value={search}
          maxLength={200}
          onChange={(event) => {
            setSearch(event.currentTarget.value);
            setPage(1);
          }}
        />
        <Select
          label={t("broker.sort")}
          data={sorts.map((value) => ({ value, label: t(`broker.sorts.${value}`) }))}
          value={sort}
          allowDeselect={false}
          onChange={(value) => {
            setSort(sorts.find((known) => known === value) ?? "id");
            setPage(1);
          }}
        />
      </Group>
      {sessions.isPending ? <LoadingList /> : null}
      {sessions.isError ? <Failed error={sessions.error} onRetry={() => void sessions.refetch()} /> : null}
      {sessions.data?.total === 0 ? (
        <Empty icon={<IconBroker size={40} />} title={t("broker.empty")} text={t(typed === "" ? "broker.emptyText" : "broker.notFound")} />
      ) : null}
      {sessions.data && sessions.data.sessions.length > 0 ? (
        <Paper>
          <SessionTable sessions={sessions.data.sessions} onOpen={setOpened} />
        </Paper>
      ) : null}
      {pages > 1 ? <Pagination aria-label={t("broker.pages")} total={pages} value={Math.min(page, pages)} onChange={setPage} /> : null}
      {opened === "" ? null : <SessionDrawer id={opened} onClose={() => setOpened("")} />}
    </Stack>
  );
}
