import { Button, Group, Paper, Stack, Text, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { Meaning, Place } from "../../api/model";
import { formatValue } from "../../lib/format";
import { alike, type Find, type Gap, keyOf, meaningsOf, rowsOfRange } from "./exploration";

interface Props {
  places: readonly Place[];
  all: boolean;
  finds: readonly Find[];
  onToggle: (address: string, meaning: Meaning) => void;
  onRename: (address: string, name: string) => void;
  /** Ticks several at once. */
  onAdd: (finds: readonly Find[]) => void;
}

/** PlaceList shows what was read, place by place, with the ways to read it as buttons that are ticked. */
export function PlaceList(props: Props) {
  return (
    <Stack gap="xs" component="ul" m={0} p={0} style={{ listStyle: "none" }} data-testid="places">
      {rowsOfRange(props.places, props.all).map((row) => ("from" in row ? <GapRow key={row.from} gap={row} /> : <PlaceRow key={row.address} place={row} {...props} />))}
    </Stack>
  );
}

function GapRow({ gap: { from, to, reason } }: { gap: Gap }) {
  const { t } = useTranslation();
  return (
    <Paper component="li" p="xs">
      <Text className="mono" size="sm" fw={650}>
        {from === to ? from : `${from} – ${to}`}
      </Text>
      <Text size="sm" c="dimmed">
        {reason || t("explore.nothingLikely")}
      </Text>
    </Paper>
  );
}

function PlaceRow({ place, places, all, finds, onToggle, onRename, onAdd }: Props & { place: Place }) {
  const { t, i18n } = useTranslation();
  const find = finds.find((one) => one.address === place.address);
  const others = find ? alike(places, finds, place.address) : [];
  return (
    <Paper component="li" p="xs" data-testid={`place-${place.address}`}>
      <Group gap="xs">
        <Text className="mono" size="sm" fw={650} miw={120}>
          {place.address}
        </Text>
        <Text className="mono" size="sm" c="dimmed" miw={60}>
          {hex(place.raw ?? 0)}
        </Text>
        {meaningsOf(place, all).map((meaning) => {
          const key = keyOf(place.address, meaning);
          const ticked = find !== undefined && keyOf(find.address, find.meaning) === key;
          return (
            <Button key={key} size="compact-sm" variant={ticked ? "filled" : "default"} aria-pressed={ticked} onClick={() => onToggle(place.address, meaning)}>
              {formatValue(meaning.value, i18n.language)} · {meaning.type} {meaning.byteOrder}
            </Button>
          );
        })}
      </Group>
      {find ? (
        <TextInput mt={6} label={t("explore.name", { address: find.address })} value={find.name} onChange={(event) => onRename(find.address, event.currentTarget.value)} />
      ) : null}
      {find && others.length > 0 ? (
        <Button mt={6} variant="subtle" size="compact-sm" onClick={() => onAdd(others)}>
          {t("explore.alike", { count: others.length, type: [find.meaning.type, find.meaning.byteOrder].filter(Boolean).join(" ") })}
        </Button>
      ) : null}
    </Paper>
  );
}

const hex = (raw: number) => `0x${raw.toString(16).toUpperCase().padStart(4, "0")}`;
