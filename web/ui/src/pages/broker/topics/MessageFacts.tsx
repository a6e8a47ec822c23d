import { useTranslation } from "react-i18next";

import type { BrokerMessage } from "../../../api/model";
import { formatBytes } from "../../../lib/format";

/** MessageFacts is what a message is, beside its topic and payload. */
export function MessageFacts({ message }: { message: BrokerMessage }) {
  const { t, i18n } = useTranslation();
  const facts = [
    t("topics.qos", { qos: message.qos }),
    message.retain ? t("topics.isRetained") : "",
    formatBytes(message.size, i18n.language),
    message.contentType ?? "",
    ...(message.userProperties ?? []).map(({ name, value }) => `${name}=${value}`),
  ];
  return <span>{facts.filter(Boolean).join(" · ")}</span>;
}
