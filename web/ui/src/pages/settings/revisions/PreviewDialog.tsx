import { Alert, Button, Group, Modal, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { Preview } from "../../../api/model";
import { asProblem } from "../../../api/problem";
import { IconWarn } from "../../../components/icons";
import { ProblemAlert } from "../../../components/ProblemAlert";
import { ChangeList } from "./ChangeList";

interface Props {
  title: string;
  /** Closed while undefined. */
  preview: Preview | undefined;
  confirm: string;
  applying: boolean;
  error: unknown;
  onCancel: () => void;
  onConfirm: (revision: number) => void;
}

/** PreviewDialog shows what would change, and does it. */
export function PreviewDialog({ title, preview, confirm, applying, error, onCancel, onConfirm }: Props) {
  const { t } = useTranslation();
  return (
    <Modal opened={preview !== undefined} onClose={onCancel} title={title} size="xl" closeButtonProps={{ "aria-label": t("common.close") }}>
      {preview ? (
        <Stack>
          <ChangeList changes={preview.changes} />
          {preview.incomplete.length > 0 ? (
            <Alert color="yellow" variant="light" icon={<IconWarn />}>
              {t("changes.incomplete", { bridges: preview.incomplete.join(", ") })}
            </Alert>
          ) : null}
          {error ? <ProblemAlert problem={asProblem(error)} /> : null}
          <Group justify="flex-end">
            <Button variant="default" onClick={onCancel}>
              {t("common.cancel")}
            </Button>
            <Button loading={applying} disabled={preview.changes.length === 0} onClick={() => onConfirm(preview.revision)}>
              {confirm}
            </Button>
          </Group>
        </Stack>
      ) : null}
    </Modal>
  );
}
