import { Button, Group, Modal, NumberInput, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { usePace } from "../../../api/backlog";
import type { Bridge } from "../../../api/model";
import { asProblem } from "../../../api/problem";
import { ProblemAlert } from "../../../components/ProblemAlert";

const kilobyte = 1000;

/** PaceDialog caps what a bridge sends, so that a drain leaves room on a thin link. */
export function PaceDialog({ bridge, onClose }: { bridge: Bridge; onClose: () => void }) {
  const { t } = useTranslation();
  const pace = usePace(bridge.id);
  const [messages, setMessages] = useState<number | string>(bridge.pace?.messagesPerSecond || "");
  const [kilobytes, setKilobytes] = useState<number | string>((bridge.pace?.bytesPerSecond ?? 0) / kilobyte || "");
  const save = () =>
    pace.mutate(
      { messagesPerSecond: Number(messages) || undefined, bytesPerSecond: Math.round(Number(kilobytes) * kilobyte) || undefined },
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
