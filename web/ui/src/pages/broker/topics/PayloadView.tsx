import { Code, SegmentedControl, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { BrokerMessage } from "../../../api/model";
import { formatBytes } from "../../../lib/format";
import { bytesOf, hexLines, type PayloadView as View, prettyJSON, textOf, viewsOf } from "../../../lib/payload";
import { useIsNarrow } from "../../../lib/useIsPhone";
import { SparkplugTable } from "./SparkplugTable";
import styles from "./topics.module.css";

const phoneBytes = 8;
const deskBytes = 16;

/** PayloadView shows a payload in one of the ways that fit it. */
export function PayloadView({ message }: { message: BrokerMessage }) {
  const { t, i18n } = useTranslation();
  const bytes = bytesOf(message.payload);
  const whole = bytes.length === message.size;
  const views = viewsOf(message.topic, bytes, whole);
  const [chosen, setChosen] = useState<View>();
  const view = views.find((known) => known === chosen) ?? views[0] ?? "hex";
  if (message.size === 0) {
    return <Text c="dimmed">{t("topics.empty")}</Text>;
  }
  return (
    <Stack gap="xs">
      {views.length > 1 ? (
        <SegmentedControl
          size="xs"
          aria-label={t("topics.view")}
          style={{ alignSelf: "flex-start" }}
          data={views.map((value) => ({ value, label: t(`topics.views.${value}`) }))}
          value={view}
          onChange={(value) => setChosen(views.find((known) => known === value))}
        />
      ) : null}
      {view === "sparkplug" ? <SparkplugTable bytes={bytes} /> : <Plain view={view} bytes={bytes} whole={whole} />}
      {whole ? null : (
        <Text size="sm" c="dimmed">
          {t("topics.cut", { shown: formatBytes(bytes.length, i18n.language), size: formatBytes(message.size, i18n.language) })}
        </Text>
      )}
    </Stack>
  );
}

function Plain({ view, bytes, whole }: { view: Exclude<View, "sparkplug">; bytes: Uint8Array; whole: boolean }) {
  const { t } = useTranslation();
  const narrow = useIsNarrow();
  const text = textOf(bytes, whole) ?? "";
  const shown = {
    json: () => prettyJSON(text),
    text: () => text,
    hex: () => hexLines(bytes, narrow ? phoneBytes : deskBytes).join("\n"),
  };
  return (
    // A scrolling region takes the focus, so that the keyboard can scroll it.
    <Code block tabIndex={0} aria-label={t("topics.payload")} role="region" className={`${styles.payload} ${view === "hex" ? styles.hex : ""}`}>
      {shown[view]()}
    </Code>
  );
}
