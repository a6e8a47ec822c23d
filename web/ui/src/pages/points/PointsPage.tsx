import { Button, Group, Select, TextInput } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { useDeferredValue, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import { useConfig } from "../../api/config";
import { useSaveDevice } from "../../api/devices";
import { allows, useRole } from "../../api/session";
import { useGuard } from "../../api/useGuard";
import { ConfirmDelete } from "../../components/ConfirmDelete";
import { IconAdd, IconPoints, IconSearch } from "../../components/icons";
import { PageHeader } from "../../components/PageHeader";
import { Empty, Failed, LoadingList } from "../../components/states";
import { useParam } from "../../lib/useParam";
import { ExploreDrawer } from "./ExploreDrawer";
import { PointDrawer } from "./PointDrawer";
import { PointGrid } from "./PointGrid";
import { type Row, rowsOf } from "./rows";
import { WriteDialog } from "./WriteDialog";

const isNew = "+";
const exploring = "?";
const none: Row[] = [];

export function PointsPage() {
  const { t } = useTranslation();
  const config = useConfig();
  const guard = useGuard();
  const mayEdit = allows(useRole(), "administrator");
  const [device, setDevice] = useParam("device");
  const [search, setSearch] = useParam("search");
  const [edit, setEdit] = useParam("edit");
  const navigate = useNavigate();
  const [written, setWritten] = useState<Row>();
  const [doomed, setDoomed] = useState<Row>();
  const remove = useSaveDevice();
  const { data } = config;
  const found = useMemo(() => (data ? rowsOf(data, device, search) : none), [data, device, search]);
  // Drawing many rows is done in pieces, between which the page takes keys and values.
  const rows = useDeferredValue(found, none);
  const [editDevice = "", editPoint = ""] = edit.split("/");
  const edited = data?.devices.find((one) => one.id === editDevice)?.points.find((one) => one.id === editPoint);
  const explorable = data?.connections.some((one) => !one.url.startsWith("line") && data.devices.some((each) => each.connection === one.id));
  const add = (
    <Button leftSection={<IconAdd size={18} />} disabled={data?.devices.length === 0} onClick={guard("administrator", () => setEdit(isNew))}>
      {t("point.add")}
    </Button>
  );
  return (
    <>
      <PageHeader title={t("nav.points")} text={t("point.text")} actions={
          <Group gap="sm">
            {explorable ? (
              <Button variant="default" leftSection={<IconSearch size={18} />} onClick={guard("administrator", () => setEdit(exploring))}>
                {t("explore.open")}
              </Button>
            ) : null}
            <Button variant="default" component={Link} to="/points/grid" search={{ device: device || undefined } as never}>
              {t("grid.open")}
            </Button>
            {add}
          </Group>
        }
      />
      {config.isPending ? <LoadingList /> : null}
      {config.isError ? <Failed error={config.error} onRetry={() => void config.refetch()} /> : null}
      {data ? (
        <>
          <Group mb="md" gap="sm" align="flex-end">
            <Select
              label={t("point.device")}
              w={{ base: "100%", xs: 240 }}
              data={[{ value: "", label: t("point.allDevices") }, ...data.devices.map((one) => ({ value: one.id, label: one.name || one.id }))]}
              value={device}
              onChange={(value) => setDevice(value ?? "")}
            />
            <TextInput
              label={t("point.search")}
              type="search"
              flex="1 1 200px"
              leftSection={<IconSearch size={18} />}
              value={search}
              onChange={(event) => setSearch(event.currentTarget.value)}
            />
          </Group>
          {rows.length === 0 && found.length > 0 ? <LoadingList /> : rows.length === 0 ? (
            <Empty icon={<IconPoints size={40} />} title={t(search ? "point.noneFound" : "point.empty")} text={t(search ? "point.noneFoundText" : "point.emptyText")} action={search ? null : add} />
          ) : (
            <PointGrid
              rows={rows}
              onChart={(row) => void navigate({ to: "/charts", search: { points: row.key } as never })}
              onWrite={(row) => guard("operator", () => setWritten(row))()}
              onEdit={(row) => guard("administrator", () => setEdit(row.key))()}
              onDelete={(row) => guard("administrator", () => setDoomed(row))()}
            />
          )}
        </>
      ) : null}
      {data && mayEdit && (edit === isNew || edited) ? (
        <PointDrawer key={edit} config={data} deviceID={edited ? editDevice : device} point={edited} onClose={() => setEdit("")} />
      ) : null}
      {data && mayEdit && edit === exploring ? <ExploreDrawer config={data} deviceID={device} onClose={() => setEdit("")} /> : null}
      {written ? <WriteDialog row={written} onClose={() => setWritten(undefined)} /> : null}
      <ConfirmDelete
        name={doomed?.name}
        consequence={t("point.deleteText", { topic: doomed?.topic ?? "" })}
        deleting={remove.isPending}
        error={remove.error}
        onCancel={() => {
          remove.reset();
          setDoomed(undefined);
        }}
        onConfirm={() =>
          doomed &&
          data &&
          remove.mutate(
            {
              id: doomed.device.id,
              revision: data.revision,
              device: { ...doomed.device, points: doomed.device.points.filter((one) => one.id !== doomed.point.id) },
            },
            { onSuccess: () => setDoomed(undefined) },
          )
        }
      />
    </>
  );
}
