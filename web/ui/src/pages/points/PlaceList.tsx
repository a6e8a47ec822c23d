import { Button, Group, Paper, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { Meaning, Place } from "../../api/model";
import { formatValue } from "../../lib/format";
import { type Find, type Gap, keyOf, meaningsOf, rowsOfRange } from "./exploration";

interface Props {
  places: readonly Place[];
  all: boolean;
  finds: readonly Find[];
  onToggle: (address: string, meaning: Meaning) => void;
}

/** PlaceList shows what was read, place by place, with the ways to read it as buttons that are ticked. */
export function PlaceList({ places, ...rest }: Props) {
  return (
    <Stack gap="xs" component="ul" m={0} p={0} style={{ listStyle: "none" }} data-testid="places">
      {rowsOfRange(places).map((row) => ("from" in row ? <GapRow key={row.from} gap={row} /> : <PlaceRow key={row.address} place={row} {...rest} />))}
    </Stack>
  );
}

function GapRow({ gap: { from, to, reason } }: { gap: Gap }) {
  return (
    <Paper component="li" p="xs">
      <Text className="mono" size="sm" fw={650}>
        {from === to ? from : `${from} – ${to}`}
      </Text>
      <Text size="sm" c="dimmed">
        {reason}
      </Text>
    </Paper>
  );
}

function PlaceRow({ place, all, finds, onToggle }: Omit<Props, "places"> & { place: Place }) {
  const { i18n } = useTranslation();
  const ticked = new Set(finds.map((find) => keyOf(find.address, find.meaning)));
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
          return (
            <Button
              key={key}
              size="compact-sm"
              variant={ticked.has(key) ? "filled" : "default"}
              aria-pressed={ticked.has(key)}
              onClick={() => onToggle(place.address, meaning)}
            >
              {formatValue(meaning.value, i18n.language)} · {meaning.type} {meaning.byteOrder}
            </Button>
          );
        })}
      </Group>
    </Paper>
  );
}

const hex = (raw: number) => `0x${raw.toString(16).toUpperCase().padStart(4, "0")}`;
