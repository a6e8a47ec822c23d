import { Button, Group, Stack, TextInput } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useConfig } from "../../api/config";
import type { ProfileSummary } from "../../api/model";
import { useProfiles } from "../../api/profiles";
import { allows, useRole } from "../../api/session";
import { useGuard } from "../../api/useGuard";
import { IconAdd, IconBack, IconSearch } from "../../components/icons";
import { IconButton } from "../../components/IconButton";
import { PageHeader } from "../../components/PageHeader";
import { Row, Rows } from "../../components/Rows";
import { Empty, Failed, LoadingList } from "../../components/states";
import { useParam } from "../../lib/useParam";
import { ProfileDrawer } from "./ProfileDrawer";
import { CheckedBadges } from "./SourceFacts";
import { UploadDrawer } from "./UploadDrawer";

/** matching are the profiles that have all words of a search somewhere in their names. */
export function matching(profiles: readonly ProfileSummary[], search: string): ProfileSummary[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return profiles.filter((one) => {
    const text = [one.id, one.name, one.manufacturer, ...one.models].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

export function ProfilesPage() {
  const { t } = useTranslation();
  const profiles = useProfiles();
  const config = useConfig();
  const guard = useGuard();
  const mayEdit = allows(useRole(), "administrator");
  const [search, setSearch] = useState("");
  const [shown, setShown] = useParam("profile");
  const [uploading, setUploading] = useState(false);
  const found = matching(profiles.data ?? [], search);
  const actions = (
    <Group gap="sm">
      <Button component={Link} to="/devices" variant="subtle" leftSection={<IconBack size={18} />}>
        {t("profile.back")}
      </Button>
      <Button leftSection={<IconAdd size={18} />} onClick={guard("administrator", () => setUploading(true))}>
        {t("profile.upload")}
      </Button>
    </Group>
  );
  return (
    <>
      <PageHeader title={t("profile.title")} text={t("profile.text")} actions={actions} />
      <Stack gap="md">
        <TextInput label={t("profile.search")} placeholder={t("profile.searchHelp")} maw={420} value={search} onChange={(event) => setSearch(event.currentTarget.value)} />
        {profiles.isPending ? <LoadingList /> : null}
        {profiles.isError ? <Failed error={profiles.error} onRetry={() => void profiles.refetch()} /> : null}
        {profiles.data && found.length === 0 ? <Empty icon={<IconSearch size={40} />} title={t("profile.title")} text={t("profile.none")} /> : null}
        {found.length > 0 ? (
          <Rows label={t("profile.title")}>
            {found.map((one) => (
              <ProfileRow key={one.id} profile={one} onShow={() => setShown(one.id)} />
            ))}
          </Rows>
        ) : null}
      </Stack>
      {shown && config.data ? <ProfileDrawer key={shown} id={shown} config={config.data} onClose={() => setShown("")} /> : null}
      {uploading && mayEdit ? <UploadDrawer onClose={() => setUploading(false)} /> : null}
    </>
  );
}

function ProfileRow({ profile, onShow }: { profile: ProfileSummary; onShow: () => void }) {
  const { t } = useTranslation();
  return (
    <Row
      name={
        <>
          {profile.name}
          <CheckedBadges checked={profile.checked} vectors={profile.vectors} />
        </>
      }
      facts={[
        profile.builtIn ? null : t("profile.own"),
        t("profile.version", { version: profile.version }),
        t("profile.points", { count: profile.points }),
        profile.devices.length > 0 ? t("profile.used", { count: profile.devices.length }) : null,
      ]}
      actions={
        <IconButton label={t("profile.details", { name: profile.name })} onClick={onShow}>
          <IconSearch />
        </IconButton>
      }
    />
  );
}
