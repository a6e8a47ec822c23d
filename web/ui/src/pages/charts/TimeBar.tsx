import { Button, Group, SegmentedControl, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { IconButton } from "../../components/IconButton";
import { IconAdd, IconBack, IconForward, IconMinus } from "../../components/icons";
import { fromSite, siteZone, timeFormat, toSite } from "../../lib/time";
import { longest, pan, shortest, spanNames, spans, type Stretch, stretchOf, type View, viewOf, zoom } from "./view";

interface Props {
  view: View;
  now: number;
  onView: (view: View) => void;
}

const own = "own";

/** TimeBar chooses what is shown of the time: a usual length up to now, its own beginning and end, or step by step. */
export function TimeBar({ view, now, onView }: Props) {
  const { t, i18n } = useTranslation();
  const [typing, setTyping] = useState(false);
  const stretch = stretchOf(view, now);
  const usual = view.end === undefined ? spanNames.find((name) => spans[name] === view.span) : undefined;
  const format = timeFormat(i18n.language, { dateStyle: "medium", timeStyle: "short" });
  return (
    <>
      <Group gap="sm" justify="space-between">
        <SegmentedControl
          aria-label={t("past.span")}
          data={[...spanNames.map((name) => ({ value: name as string, label: t(`chart.spans.${name}`) })), { value: own, label: t("chart.spans.own") }]}
          value={typing ? own : (usual ?? own)}
          onChange={(name) => {
            setTyping(name === own);
            const span = spans[name as keyof typeof spans];
            if (span !== undefined) {
              onView({ span, end: undefined });
            }
          }}
          w={{ base: "100%", sm: "auto" }}
        />
        <Group gap={0}>
          <IconButton label={t("chart.back")} onClick={() => onView(pan(view, -0.5, now))}>
            <IconBack />
          </IconButton>
          <IconButton label={t("chart.forward")} onClick={() => onView(pan(view, 0.5, now))}>
            <IconForward />
          </IconButton>
          <IconButton label={t("chart.zoomIn")} onClick={() => onView(zoom(view, 0.5, now))}>
            <IconAdd />
          </IconButton>
          <IconButton label={t("chart.zoomOut")} onClick={() => onView(zoom(view, 2, now))}>
            <IconMinus />
          </IconButton>
          <Button variant="default" ml="xs" disabled={view.end === undefined} onClick={() => onView({ span: view.span, end: undefined })}>
            {t("chart.now")}
          </Button>
        </Group>
      </Group>
      {typing ? (
        <OwnFields
          key={`${stretch.from < now}`}
          stretch={stretch}
          onStretch={(next) => {
            onView(viewOf(next, now));
            setTyping(false);
          }}
        />
      ) : null}
      <Text size="sm" c="dimmed" data-testid="stretch">
        {format.formatRange(stretch.from, stretch.to)} · {siteZone()}
      </Text>
    </>
  );
}

function OwnFields({ stretch, onStretch }: { stretch: Stretch; onStretch: (stretch: Stretch) => void }) {
  const { t } = useTranslation();
  const [from, setFrom] = useState(() => toSite(stretch.from));
  const [to, setTo] = useState(() => toSite(stretch.to));
  const [begin = 0, end = 0] = [fromSite(from), fromSite(to)];
  const right = begin > 0 && end - begin >= shortest && end - begin <= longest;
  return (
    <Group component="form" gap="sm" align="flex-end" onSubmit={(event) => {
        event.preventDefault();
        if (right) {
          onStretch({ from: begin, to: end });
        }
      }}
    >
      <TextInput type="datetime-local" label={t("chart.from")} value={from} onChange={(event) => setFrom(event.currentTarget.value)} w={{ base: "100%", xs: 220 }} />
      <TextInput type="datetime-local" label={t("chart.to")} value={to} error={right ? null : t("chart.wrongStretch")} onChange={(event) => setTo(event.currentTarget.value)} w={{ base: "100%", xs: 220 }} />
      <Button type="submit" disabled={!right}>
        {t("chart.show")}
      </Button>
    </Group>
  );
}
