import { Button, Checkbox, Group, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Match } from "./foreign";

interface Props {
  file: string;
  match: Match;
  unused: readonly string[];
  onImport: (withDeleting: boolean) => void;
  onClose: () => void;
}

/** ImportDialog says what a file does to the draft, before it does it. */
export function ImportDialog({ file, match, unused, onImport, onClose }: Props) {
  const { t } = useTranslation();
  const [deleting, setDeleting] = useState(false);
  return (
    <Modal opened onClose={onClose} title={t("grid.importTitle", { file })} closeButtonProps={{ "aria-label": t("common.close"), size: "lg" }}>
      <Stack gap="sm">
        <Text>{t("grid.importAdds", { count: match.added })}</Text>
        <Text>{t("grid.importChanges", { count: match.changed })}</Text>
        {unused.length > 0 ? <Text size="sm" c="dimmed">{t("grid.importUnused", { columns: unused.join(", ") })}</Text> : null}
        {match.absent.length > 0 ? <Checkbox label={t("grid.importAbsent", { count: match.absent.length })} checked={deleting} onChange={(event) => setDeleting(event.currentTarget.checked)} /> : null}
        <Text size="sm" c="dimmed">{t("grid.importDraft")}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button onClick={() => onImport(deleting)}>{t("grid.import")}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
