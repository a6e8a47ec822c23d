import { Anchor, Group, Stack } from "@mantine/core";
import { Link, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { useConfig } from "../../../api/config";
import type { Bridge } from "../../../api/model";
import { IconBack, IconBridges } from "../../../components/icons";
import { PageHeader } from "../../../components/PageHeader";
import { Empty, Failed, LoadingList } from "../../../components/states";
import { useStatus } from "../../../live/live";
import { Actions } from "./Actions";
import { BacklogFigures } from "./BacklogFigures";
import { CourseCard } from "./CourseCard";
import { LossesCard } from "./LossesCard";
import { ParkedCard } from "./ParkedCard";
import { StateCard } from "./StateCard";

/** BacklogPage is one bridge: its link, what waits in it, and what can be done about that. */
export function BacklogPage() {
  const { t } = useTranslation();
  const { bridge: id = "" } = useParams({ strict: false });
  const config = useConfig();
  const bridge = config.data?.bridges.find((one) => one.id === id);
  return (
    <>
      <Anchor component={Link} to="/bridges" size="sm">
        <Group component="span" gap={4} mb="xs">
          <IconBack size={16} />
          {t("nav.bridges")}
        </Group>
      </Anchor>
      {config.isPending ? <LoadingList /> : null}
      {config.isError ? <Failed error={config.error} onRetry={() => void config.refetch()} /> : null}
      {config.data && !bridge ? <Empty icon={<IconBridges size={40} />} title={t("backlog.gone", { id })} text={t("backlog.goneText")} /> : null}
      {bridge ? <Contents bridge={bridge} /> : null}
    </>
  );
}

function Contents({ bridge }: { bridge: Bridge }) {
  const { t } = useTranslation();
  const status = useStatus();
  const own = status?.bridges.find((one) => one.id === bridge.id);
  return (
    <>
      <PageHeader title={bridge.name || bridge.id} text={bridge.url} />
      {own ? (
        <Stack gap="md">
          <StateCard status={own} />
          <Actions bridge={bridge} waiting={own.backlog.messages} />
          <section aria-label={t("bridge.backlog")}>
            <BacklogFigures backlog={own.backlog} />
          </section>
          <ParkedCard bridge={bridge} count={own.backlog.parked} />
          <CourseCard id={bridge.id} />
          <LossesCard status={own} />
        </Stack>
      ) : (
        <LoadingList />
      )}
    </>
  );
}
