import { Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { PageHeader } from "../../../components/PageHeader";
import { MakeBackup } from "./MakeBackup";
import { Restore } from "./Restore";

export function BackupPage() {
  const { t } = useTranslation();
  return (
    <>
      <PageHeader title={t("settings.backup")} text={t("backup.text")} />
      <Stack gap="lg">
        <MakeBackup />
        <Restore />
      </Stack>
    </>
  );
}
