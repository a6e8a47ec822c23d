import { Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { keys } from "../../../api/keys";
import { asProblem } from "../../../api/problem";
import { exportUrl, useImport, usePreviewImport } from "../../../api/revisions";
import { FileDrop } from "../../../components/FileDrop";
import { ProblemAlert } from "../../../components/ProblemAlert";
import { PreviewDialog } from "./PreviewDialog";

/** Exchange brings the configuration out as a file, and in again after a look at what that changes. */
export function Exchange() {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const preview = usePreviewImport();
  const apply = useImport();
  const [file, setFile] = useState<File | null>(null);
  const look = (chosen: File) => {
    setFile(chosen);
    apply.reset();
    void chosen.text().then((text) => preview.mutate(text));
  };
  const close = () => {
    preview.reset();
    apply.reset();
    setFile(null);
  };
  return (
    <Paper p="md" component="section" aria-labelledby="exchange">
      <Stack>
        <Title order={2} size="h4" id="exchange">
          {t("exchange.title")}
        </Title>
        <Text size="sm">{t("exchange.text")}</Text>
        <Group>
          <Button component="a" href={exportUrl()} download variant="default">
            {t("exchange.export")}
          </Button>
        </Group>
        <FileDrop label={t("exchange.file")} accept=".yaml,.yml" file={file} onFile={look} />
        {preview.error ? <ProblemAlert problem={asProblem(preview.error)} /> : null}
      </Stack>
      <PreviewDialog
        title={t("exchange.importTitle", { name: file?.name ?? "" })}
        preview={preview.data}
        confirm={t("exchange.import")}
        applying={apply.isPending}
        error={apply.error}
        onCancel={close}
        onConfirm={(revision) =>
          apply.mutate(
            { document: preview.variables ?? "", revision },
            {
              onSuccess: (saved) => {
                notifications.show({ message: t("exchange.imported", { revision: saved.revision }) });
                close();
                void cache.invalidateQueries({ queryKey: keys.revisions, exact: true });
              },
            },
          )
        }
      />
    </Paper>
  );
}
