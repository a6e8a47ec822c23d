import { Button, Group, NumberInput, Select, Switch, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { useSaveDevice } from "../../api/devices";
import { useReadRange } from "../../api/explore";
import type { Config } from "../../api/model";
import { asProblem } from "../../api/problem";
import { FormDrawer } from "../../components/FormDrawer";
import { IconSearch } from "../../components/icons";
import { ProblemAlert } from "../../components/ProblemAlert";
import { type Find, isBits, tables, toggled, withFinds } from "./exploration";
import { PlaceList } from "./PlaceList";

/** mostPlaces is what the gateway reads at once. */
const mostPlaces = 250;

interface Props {
  config: Config;
  deviceID: string;
  onClose: () => void;
}

/** ExploreDrawer looks at registers whose meaning is not known, and makes points of those that make sense. */
export function ExploreDrawer({ config, deviceID, onClose }: Props) {
  const { t } = useTranslation();
  const [made] = useState(config);
  const devices = made.devices.filter((one) => !(made.connections.find((wire) => wire.id === one.connection)?.url ?? "").startsWith("line"));
  const [chosen, setChosen] = useState(devices.some((one) => one.id === deviceID) ? deviceID : (devices[0]?.id ?? ""));
  const [table, setTable] = useState<string>("holding");
  const [first, setFirst] = useState<number | string>(0);
  const [count, setCount] = useState<number | string>(125);
  const [all, setAll] = useState(false);
  const [finds, setFinds] = useState<readonly Find[]>([]);
  const read = useReadRange();
  const save = useSaveDevice();
  const device = devices.find((one) => one.id === chosen);
  const connection = made.connections.find((one) => one.id === device?.connection);

  const look = () => {
    if (device && connection) {
      read.mutate({ connection, range: { unit: device.unit, address: `${table}:${first}`, count: Number(count) } });
    }
  };
  // Who comes here wants to see registers: the usual range is read at once.
  const begun = useRef(false);
  useEffect(() => {
    if (!begun.current) {
      begun.current = true;
      look();
    }
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!device || finds.length === 0) {
      return;
    }
    save.mutate(
      { id: device.id, revision: made.revision, device: withFinds(device, finds) },
      {
        onSuccess: () => {
          notifications.show({ message: t("explore.saved", { count: finds.length }) });
          onClose();
        },
      },
    );
  };
  const rename = (address: string, name: string) => setFinds(finds.map((find) => (find.address === address ? { ...find, name } : find)));
  return (
    <FormDrawer
      opened
      title={t("explore.title")}
      saving={save.isPending}
      submit={finds.length > 0 ? t("explore.add", { count: finds.length }) : undefined}
      onClose={onClose}
      onSubmit={submit}
      problem={save.error ? <ProblemAlert problem={asProblem(save.error)} /> : null}
    >
      <Text size="sm">{t("explore.text")}</Text>
      <Select
        label={t("point.device")}
        data={devices.map((one) => ({ value: one.id, label: one.name || one.id }))}
        value={chosen}
        onChange={(value) => {
          setChosen(value ?? "");
          setFinds([]);
          read.reset();
        }}
      />
      <Group grow align="flex-end">
        <Select label={t("explore.table")} data={tables.map((one) => ({ value: one, label: t(`explore.tables.${one}`) }))} value={table} onChange={(value) => setTable(value ?? "holding")} />
        <NumberInput label={t("explore.first")} min={0} max={65_535} value={first} onChange={setFirst} />
        <NumberInput label={t("explore.count")} min={1} max={mostPlaces} value={count} onChange={setCount} />
      </Group>
      <Group justify="space-between">
        {isBits(table) ? <span /> : <Switch label={t("explore.all")} checked={all} onChange={(event) => setAll(event.currentTarget.checked)} />}
        <Button variant="default" leftSection={<IconSearch size={18} />} loading={read.isPending} disabled={!device} onClick={look}>
          {t("explore.read")}
        </Button>
      </Group>
      <div aria-live="polite">{read.error ? <ProblemAlert problem={asProblem(read.error)} /> : null}</div>
      {read.data ? (
        <PlaceList
          places={read.data}
          all={all}
          finds={finds}
          onToggle={(address, meaning) => setFinds(toggled(finds, address, meaning))}
          onRename={rename}
          onAdd={(others) => setFinds([...finds, ...others])}
        />
      ) : null}
    </FormDrawer>
  );
}
