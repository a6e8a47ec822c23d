import { Select } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { browserZone } from "../lib/time";

interface Props {
  value: string;
  onChange: (value: string) => void;
  error?: string | null;
  size?: string;
}

/** So many zones are offered at once; more are found by typing. */
const offered = 60;

/** ZoneSelect offers the time zones that the browser knows, its own first. */
export function ZoneSelect({ value, onChange, error, size = "sm" }: Props) {
  const { t } = useTranslation();
  const zones = useMemo(() => [...new Set([browserZone(), value, "UTC", ...Intl.supportedValuesOf("timeZone")].filter(Boolean))], [value]);
  return (
    <Select
      label={t("site.zone")}
      description={t("site.zoneHelp", { zone: browserZone() })}
      data={zones}
      value={value}
      onChange={(next) => onChange(next ?? "")}
      error={error ?? null}
      size={size}
      searchable
      limit={offered}
      nothingFoundMessage={t("site.noZone")}
    />
  );
}
