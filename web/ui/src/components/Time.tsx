import { useTranslation } from "react-i18next";

import { formatUTC, timeFormat } from "../lib/time";

const usual: Intl.DateTimeFormatOptions = { dateStyle: "medium", timeStyle: "medium" };

/** Time is a moment in the zone of the site, with UTC on hover. */
export function Time({ value, options = usual }: { value: string | Date; options?: Intl.DateTimeFormatOptions }) {
  const { i18n } = useTranslation();
  const at = new Date(value);
  return (
    <time dateTime={at.toISOString()} title={formatUTC(at)}>
      {timeFormat(i18n.language, options).format(at)}
    </time>
  );
}
