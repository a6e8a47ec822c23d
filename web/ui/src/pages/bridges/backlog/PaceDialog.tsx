import { Button, Group, Modal, NumberInput, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { usePace } from "../../../api/backlog";
import type { Bridge } from "../../../api/model";
import { asProblem } from "../../../api/problem";
import { ProblemAlert } from "../../../components/ProblemAlert";

const kilobyte = 1000;

/** mostLive leaves enough of the rate for a backlog to come to its end. */
const mostLive = 90;

/** PaceDialog caps what a bridge sends, so that a drain leaves room on a thin link, and gives what is new a share of it. */
export function PaceDialog({ bridge, onClose }: { bridge: Bridge; onClose: () => void }) {
  const { t } = useTranslation();
  const pace = usePace(bridge.id);
  const [messages, setMessages] = useState<number | string>(bridge.pace?.messagesPerSecond || "");
  const [kilobytes, setKilobytes] = useState<number | string>((bridge.pace?.bytesPerSecond ?? 0) / kilobyte || "");
  const [live, setLive] = useState<number | string>(bridge.pace?.liveShare || "");
  const save = () =>
    pace.mutate(
      { messagesPerSecond: Number(messages) || undefined, bytesPerSecond: Math.round(Number(kilobytes) * kilobyte) || undefined, liveShare: Number(live) || undefined },
      { onSuccess: onClose },
    );
  return (
    <Modal opened onClose={onClose} title={t("backlog.capTitle")} closeButtonProps={{ "aria-label": t("common.close") }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <Stack>
          <Text>{t("backlog.capText")}</Text>
          <NumberInput label={t("backlog.capMessages")} placeholder={t("backlog.uncapped")} min={0} max={1_000_000} value={messages} onChange={setMessages} data-autofocus />
          <NumberInput label={t("backlog.capBytes")} placeholder={t("backlog.uncapped")} min={0} max={1_000_000} value={kilobytes} onChange={setKilobytes} />
          <NumberInput label={t("backlog.liveShare")} description={t("backlog.liveShareHelp")} placeholder={t("backlog.noShare")} min={0} max={mostLive} suffix=" %" value={live} onChange={setLive} />
          {pace.error ? <ProblemAlert problem={asProblem(pace.error)} /> : null}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("common.cancel")}
            </Button>
            <Button type="submit" loading={pace.isPending}>
              {t("common.save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
