import { Button, Drawer, Group, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useTranslation } from "react-i18next";

import type { Config, ProfileDetail } from "../../api/model";
import { asProblem } from "../../api/problem";
import { useDetachDevice, useProfile, useRemoveProfile } from "../../api/profiles";
import { allows, useRole } from "../../api/session";
import styles from "../../components/FormDrawer.module.css";
import { ProblemAlert } from "../../components/ProblemAlert";
import { Row, Rows } from "../../components/Rows";
import { Failed, LoadingList } from "../../components/states";
import { ProfileFacts } from "./ProfileFacts";
import { SourceFacts } from "./SourceFacts";
import { Update } from "./Update";

interface Props {
  id: string;
  config: Config;
  onClose: () => void;
}

/** ProfileDrawer shows all of a profile, and who uses it. */
export function ProfileDrawer({ id, config, onClose }: Props) {
  const { t } = useTranslation();
  const detail = useProfile(id);
  return (
    <Drawer
      opened
      onClose={onClose}
      title={detail.data?.profile.name ?? id}
      classNames={{ title: styles.title }}
      closeButtonProps={{ "aria-label": t("common.close"), size: "lg" }}
    >
      <Stack gap="md" pb="lg">
        {detail.isPending ? <LoadingList /> : null}
        {detail.isError ? <Failed error={detail.error} onRetry={() => void detail.refetch()} /> : null}
        {detail.data ? (
          <>
            <SourceFacts profile={{ ...detail.data.profile, vectors: detail.data.profile.vectors?.length ?? 0 }} />
            <Users detail={detail.data} config={config} onClose={onClose} />
            <ProfileFacts profile={detail.data.profile} />
          </>
        ) : null}
      </Stack>
    </Drawer>
  );
}

function Users({ detail, config, onClose }: { detail: ProfileDetail; config: Config; onClose: () => void }) {
  const { t } = useTranslation();
  const mayEdit = allows(useRole(), "administrator");
  const detach = useDetachDevice();
  const remove = useRemoveProfile();
  const { profile, builtIn, devices } = detail;
  const old = devices.some((one) => one.version < profile.version);
  const nameOf = (device: string) => config.devices.find((one) => one.id === device)?.name || device;
  const error = detach.error ?? remove.error;
  const { revision } = config;
  return (
    <Stack gap="sm">
      {error ? <ProblemAlert problem={asProblem(error)} /> : null}
      {old && builtIn && mayEdit ? <Update profile={profile} /> : null}
      {!builtIn && devices.length === 0 && mayEdit ? (
        <Group>
          <Text size="sm">{t("profile.removeText")}</Text>
          <Button size="sm" color="red" variant="light" loading={remove.isPending} onClick={() => remove.mutate({ id: profile.id, revision }, { onSuccess: onClose })}>
            {t("profile.remove")}
          </Button>
        </Group>
      ) : null}
      {devices.length > 0 ? (
        <>
          <Text size="sm" c="dimmed">
            {t("profile.detachText")}
          </Text>
          <Rows label={t("profile.devices")}>
            {devices.map((use) => (
              <Row
                key={use.device}
                name={nameOf(use.device)}
                facts={[
                  t("profile.version", { version: use.version }),
                  use.differences > 0 ? t("profile.differences", { count: use.differences }) : t("profile.same"),
                ]}
                actions={
                  mayEdit ? (
                    <Button
                      size="compact-sm"
                      variant="default"
                      aria-label={t("profile.detachNamed", { name: nameOf(use.device) })}
                      loading={detach.isPending && detach.variables.id === use.device}
                      onClick={() =>
                        detach.mutate(
                          { id: use.device, revision },
                          { onSuccess: () => notifications.show({ message: t("profile.detached", { name: nameOf(use.device) }) }) },
                        )
                      }
                    >
                      {t("profile.detach")}
                    </Button>
                  ) : null
                }
              />
            ))}
          </Rows>
        </>
      ) : null}
    </Stack>
  );
}
