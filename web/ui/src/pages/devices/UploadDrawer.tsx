import { Button, Drawer, Group, List, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { ProfilePreview } from "../../api/model";
import { asProblem } from "../../api/problem";
import { usePreviewProfile, usePutProfile } from "../../api/profiles";
import { FileDrop } from "../../components/FileDrop";
import { ProblemAlert } from "../../components/ProblemAlert";

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
    <Drawer opened onClose={onClose} title={t("profile.uploadTitle")} closeButtonProps={{ "aria-label": t("common.close"), size: "lg" }}>
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

/** Seen says what would change. */
export function Seen({ preview }: { preview: ProfilePreview }) {
  const { t } = useTranslation();
  const { devices, appear, vanish } = preview;
  return (
    <Stack gap="sm" data-testid="seen">
      <Text fw={600}>{t("profile.fact", { name: preview.name, version: preview.profile.version })}</Text>
      {devices.length > 0 ? (
        <Text size="sm">
          {t("profile.affects", { count: devices.length })} {devices.join(", ")}
        </Text>
      ) : (
        <Text size="sm">{t("profile.affectsNone")}</Text>
      )}
      <Topics title={t("profile.appear")} topics={appear} />
      <Topics title={t("profile.vanish")} topics={vanish} />
    </Stack>
  );
}

const shown = 10;

function Topics({ title, topics }: { title: string; topics: readonly string[] }) {
  const { t } = useTranslation();
  if (topics.length === 0) {
    return null;
  }
  return (
    <div>
      <Text size="sm" fw={600}>
        {title} ({topics.length})
      </Text>
      <List size="sm" className="mono">
        {topics.slice(0, shown).map((one) => (
          <List.Item key={one}>{one}</List.Item>
        ))}
      </List>
      {topics.length > shown ? <Text size="sm">{t("wizard.more", { count: topics.length - shown })}</Text> : null}
    </div>
  );
}
