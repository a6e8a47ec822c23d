import { Button, Drawer, Group, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { ProfilePreview } from "../../api/model";
import { asProblem } from "../../api/problem";
import { usePreviewProfile, usePutProfile } from "../../api/profiles";
import { FileDrop } from "../../components/FileDrop";
import styles from "../../components/FormDrawer.module.css";
import { ProblemAlert } from "../../components/ProblemAlert";
import { Seen } from "./Seen";

/** UploadDrawer takes a profile after a look at the devices and topics that it changes. */
export function UploadDrawer({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [file, setFile] = useState<File | null>(null);
  const preview = usePreviewProfile();
  const put = usePutProfile();
  const look = (chosen: File) => {
    setFile(chosen);
    put.reset();
    void chosen.text().then((text) => preview.mutate({ text }));
  };
  const take = (seen: ProfilePreview) =>
    put.mutate(
      { text: preview.variables?.text, revision: seen.revision },
      {
        onSuccess: () => {
          notifications.show({ message: t("profile.taken", { name: seen.name }) });
          onClose();
        },
      },
    );
  const error = put.error ?? preview.error;
  return (
    <Drawer
      opened
      onClose={onClose}
      title={t("profile.uploadTitle")}
      classNames={{ title: styles.title }}
      closeButtonProps={{ "aria-label": t("common.close"), size: "lg" }}
    >
      <Stack gap="md" pb="lg">
        <Text size="sm">{t("profile.uploadText")}</Text>
        <FileDrop label={t("profile.file")} accept=".yaml,.yml" file={file} onFile={look} />
        {error ? <ProblemAlert problem={asProblem(error)} /> : null}
        {preview.data ? <Seen preview={preview.data} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button disabled={!preview.data} loading={put.isPending} onClick={() => preview.data && take(preview.data)}>
            {t("profile.take")}
          </Button>
        </Group>
      </Stack>
    </Drawer>
  );
}
