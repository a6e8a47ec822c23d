import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { asProblem } from "../api/problem";
import { ProblemAlert } from "./ProblemAlert";

interface Props {
  /** The name of what is to be deleted; closed while undefined. */
  name: string | undefined;
  /** What goes with it. */
  consequence: string;
  deleting: boolean;
  error: unknown;
  onCancel: () => void;
  onConfirm: () => void;
}

export function ConfirmDelete({ name, consequence, deleting, error, onCancel, onConfirm }: Props) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={name !== undefined}
      onClose={onCancel}
      title={t("common.deleteTitle", { name: name ?? "" })}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <Stack>
        <Text>{consequence}</Text>
        {error ? <ProblemAlert problem={asProblem(error)} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel} data-autofocus>
            {t("common.cancel")}
          </Button>
          <Button color="red" loading={deleting} onClick={onConfirm}>
            {t("common.delete")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
