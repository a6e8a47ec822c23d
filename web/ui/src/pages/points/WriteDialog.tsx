import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { useWritePoint } from "../../api/devices";
import { asProblem } from "../../api/problem";
import { QualityBadge } from "../../components/badges";
import { ProblemAlert } from "../../components/ProblemAlert";
import { enteredList, enteredValue } from "../../lib/entered";
import { formatValue } from "../../lib/format";
import { useValue } from "../../live/live";
import type { Row } from "./rows";

/** WriteDialog sets a point and shows what was read back from the device. */
export function WriteDialog({ row, onClose }: { row: Row; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const { point, device } = row;
  const type = point.enum || point.type === "time" ? "string" : point.type;
  const count = point.count ?? 1;
  const live = useValue(device.id, point.id);
  const write = useWritePoint();
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const value = count > 1 ? enteredList(text, type, count) : enteredValue(text, type);
    setWrong(value === undefined);
    if (value !== undefined) {
      write.mutate({ device: device.id, point: point.id, value });
    }
  };
  return (
    <Modal opened onClose={onClose} title={t("write.title", { name: row.name })} closeButtonProps={{ "aria-label": t("common.close") }}>
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm" c="dimmed">
            {t("write.now", { value: formatValue(live?.value, i18n.language), unit: point.unit ?? "" })}
          </Text>
          <TextInput
            label={count > 1 ? t("write.values", { count }) : t("write.value")}
            rightSection={point.unit ? <Text size="sm">{point.unit}</Text> : null}
            inputMode={type === "string" || type === "bool" || count > 1 ? "text" : "decimal"}
            placeholder={type === "bool" ? t("write.bool") : undefined}
            value={text}
            error={wrong ? t("write.wrong", { type: point.type }) : undefined}
            data-autofocus
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <div aria-live="polite">
            {write.error ? <ProblemAlert problem={asProblem(write.error)} /> : null}
            {write.data ? (
              <Group gap="sm" data-testid="read-back">
                <Text fw={650}>{t("write.readBack", { value: formatValue(write.data.value, i18n.language), unit: point.unit ?? "" })}</Text>
                <QualityBadge quality={write.data.quality} />
                {write.data.reason ? <Text size="sm">{write.data.reason}</Text> : null}
              </Group>
            ) : null}
          </div>
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("common.close")}
            </Button>
            <Button type="submit" loading={write.isPending}>
              {t("write.submit")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
