import { Button, Group, Paper, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useTranslation } from "react-i18next";

import type { Profile } from "../../api/model";
import { asProblem } from "../../api/problem";
import { usePreviewProfile, usePutProfile } from "../../api/profiles";
import { ProblemAlert } from "../../components/ProblemAlert";
import { Seen } from "./Seen";

/** Update brings devices to the version that the program has now, after a look at what that changes. */
export function Update({ profile }: { profile: Profile }) {
  const { t } = useTranslation();
  const preview = usePreviewProfile();
  const put = usePutProfile();
  const error = put.error ?? preview.error;
  const seen = preview.data;
  const take = (revision: number) =>
    put.mutate(
      { id: profile.id, revision },
      { onSuccess: () => notifications.show({ message: t("profile.taken", { name: profile.name }) }) },
    );
  return (
    <Paper p="md">
      <Stack gap="sm">
        <Text size="sm">{t("profile.updateText")}</Text>
        {error ? <ProblemAlert problem={asProblem(error)} /> : null}
        {seen ? <Seen preview={seen} /> : null}
        <Group>
          {seen ? (
            <Button size="sm" loading={put.isPending} onClick={() => take(seen.revision)}>
              {t("profile.take")}
            </Button>
          ) : (
            <Button size="sm" variant="default" loading={preview.isPending} onClick={() => preview.mutate({ id: profile.id })}>
              {t("profile.update", { version: profile.version })}
            </Button>
          )}
        </Group>
      </Stack>
    </Paper>
  );
}
