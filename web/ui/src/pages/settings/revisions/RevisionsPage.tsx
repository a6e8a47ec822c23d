import { Stack, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { PageHeader } from "../../../components/PageHeader";
import { Exchange } from "./Exchange";
import { RevisionList } from "./RevisionList";

export function RevisionsPage() {
  const { t } = useTranslation();
  return (
    <>
      <PageHeader title={t("settings.revisions")} text={t("revisions.text")} />
      <Stack gap="md">
        <Exchange />
        <Title order={2} size="h4">
          {t("revisions.title")}
        </Title>
        <RevisionList />
      </Stack>
    </>
  );
}
