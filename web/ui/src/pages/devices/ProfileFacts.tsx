import { Stack, Table, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { Profile } from "../../api/model";
import { formatValue } from "../../lib/format";

/** ProfileFacts are what is in a profile: its points and what proves them. */
export function ProfileFacts({ profile }: { profile: Profile }) {
  const { t } = useTranslation();
  return (
    <Stack gap="sm">
      <Text size="sm">
        {t("profile.models")}: {profile.models.join(", ")} · {t("profile.version", { version: profile.version })}
      </Text>
      {profile.notes ? (
        <Text size="sm">
          {t("profile.notes")}: {profile.notes}
        </Text>
      ) : null}
      {profile.unproven ? <Text size="sm">{t("profile.unproven", { reason: profile.unproven })}</Text> : null}
      <Title order={3} size="h5" id="profile-points">
        {t("profile.pointTable")}
      </Title>
      <Table.ScrollContainer minWidth={300} scrollAreaProps={{ viewportProps: { tabIndex: 0, "aria-labelledby": "profile-points" } }}>
        <Table aria-labelledby="profile-points">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("form.name")}</Table.Th>
              <Table.Th>{t("profile.address")}</Table.Th>
              <Table.Th>{t("profile.type")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {profile.points.map((one) => (
              <Table.Tr key={one.id}>
                <Table.Td>
                  {one.name || one.id}
                  {one.unit ? ` (${one.unit})` : ""}
                </Table.Td>
                <Table.Td className="mono">{one.address}</Table.Td>
                <Table.Td>{[one.type, one.byteOrder, one.scale ? `× ${one.scale}` : ""].filter(Boolean).join(" ")}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {profile.vectors?.length ? <Vectors profile={profile} /> : null}
    </Stack>
  );
}

function Vectors({ profile }: { profile: Profile }) {
  const { t, i18n } = useTranslation();
  return (
    <>
      <Title order={3} size="h5">
        {t("profile.proof")}
      </Title>
      <Stack gap="xs" component="ul" m={0} p={0} style={{ listStyle: "none" }}>
        {profile.vectors?.map((one) => (
          <li key={`${one.point} ${one.registers}`}>
            <Text size="sm">
              {profile.points.find((point) => point.id === one.point)?.name || one.point}:{" "}
              <Text component="span" className="mono" size="sm">
                {one.registers}
              </Text>
              {" → "}
              {formatValue(one.value, i18n.language)}
            </Text>
            <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
              {one.source}
            </Text>
          </li>
        ))}
      </Stack>
    </>
  );
}
