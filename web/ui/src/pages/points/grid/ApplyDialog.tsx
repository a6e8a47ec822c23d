import { Button, Group, Modal, ScrollArea, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { DevicePreview } from "../../../api/model";
import { asProblem } from "../../../api/problem";
import { ProblemAlert } from "../../../components/ProblemAlert";
import { ChangeList, TopicList } from "./ChangeList";

interface Props {
  preview: DevicePreview;
  saving: boolean;
  error: unknown;
  onApply: () => void;
  onClose: () => void;
}

/** ApplyDialog is the last look: what changes, and which topics come and go. It becomes one revision. */
export function ApplyDialog({ preview, saving, error, onApply, onClose }: Props) {
  const { t } = useTranslation();
  const { changes, appearing, disappearing, cleared } = preview;
  return (
    <Modal opened onClose={onClose} size="lg" title={t("grid.applyTitle", { count: changes.length })} closeButtonProps={{ "aria-label": t("common.close"), size: "lg" }}>
      <Stack gap="md">
        <ScrollArea.Autosize mah="50dvh" viewportProps={{ tabIndex: 0, "aria-label": t("grid.whatChanges") }}>
          <Stack gap="md">
            <ChangeList changes={changes} />
            <TopicList title={t("grid.appearing", { count: appearing.length })} topics={appearing} />
            <TopicList title={t("grid.disappearing", { count: disappearing.length })} topics={disappearing} />
            <TopicList title={t("grid.cleared", { count: cleared.length })} topics={cleared} />
          </Stack>
        </ScrollArea.Autosize>
        {error ? <ProblemAlert problem={asProblem(error)} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button loading={saving} onClick={onApply}>
            {t("grid.apply", { count: changes.length })}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
