import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { ParkedAction } from "../../../api/parked";
import { asProblem } from "../../../api/problem";
import { ProblemAlert } from "../../../components/ProblemAlert";
import { formatCount } from "../../../lib/format";

interface Props {
  action: ParkedAction;
  count: number;
  working: boolean;
  error: unknown;
  onCancel: () => void;
  onConfirm: () => void;
}

/** HandleParkedDialog says what sending refused messages again, or throwing them away, means before it is done. */
export function HandleParkedDialog({ action, count, working, error, onCancel, onConfirm }: Props) {
  const { t, i18n } = useTranslation();
  const messages = formatCount(count, i18n.language);
  return (
    <Modal opened onClose={onCancel} title={t(`parked.ask.${action}`, { count, messages })} closeButtonProps={{ "aria-label": t("common.close") }}>
      <Stack>
        <Text>{t(`parked.means.${action}`)}</Text>
        {error ? <ProblemAlert problem={asProblem(error)} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel} data-autofocus>
            {t("common.cancel")}
          </Button>
          <Button color={action === "discard" ? "red" : undefined} loading={working} onClick={onConfirm}>
            {t(`parked.confirm.${action}`)}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
