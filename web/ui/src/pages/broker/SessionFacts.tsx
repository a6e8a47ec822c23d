import { useTranslation } from "react-i18next";

import type { SessionDetail } from "../../api/model";
import { formatBytes, formatCount } from "../../lib/format";
import { formatTime } from "../../lib/time";
import styles from "./broker.module.css";

/** What MQTT has for "never" (3.1.2.11.2). */
const never = 0xffff_ffff;

/** SessionFacts are the figures of a session with the limits beside them. */
export function SessionFacts({ detail: { session, limits, listener, will, givenUp } }: { detail: SessionDetail }) {
  const { t, i18n } = useTranslation();
  const language = i18n.language;
  const count = (messages: number) => formatCount(messages, language);
  const facts: readonly (readonly [string, string])[] = [
    [t("broker.state"), t(session.connected ? "broker.connected" : "broker.away")],
    [t(session.connected ? "session.connectedSince" : "session.awaySince"), Date.parse(session.since) > 0 ? formatTime(session.since, language) : ""],
    [t("session.user"), session.username ?? ""],
    [t("session.address"), session.address ?? ""],
    [t("session.listener"), listener ?? ""],
    [t("broker.protocol"), session.protocol === "internal" ? t("broker.internal") : session.protocol],
    [t("session.expiry"), session.expiry === never ? t("session.never") : t("session.seconds", { count: session.expiry, seconds: count(session.expiry) })],
    [
      t("broker.queue"),
      t("session.queueOf", {
        messages: count(session.queue.messages),
        bytes: formatBytes(session.queue.bytes, language),
        mostMessages: count(limits.queueMessages),
        mostBytes: formatBytes(limits.queueBytes, language),
      }),
    ],
    [
      t("broker.inflight"),
      limits.receiveMaximum > 0 ? t("session.inflightOf", { inflight: count(session.inflight), most: count(limits.receiveMaximum) }) : count(session.inflight),
    ],
    [t("session.packetSize"), limits.packetSize > 0 ? formatBytes(limits.packetSize, language) : ""],
    [t("broker.receivedSent"), `${count(session.received)} / ${count(session.sent)}`],
    [t("session.will"), will ? t("session.hasWill") : ""],
    ...givenUp.map(({ reason, messages }) => [t(`givenUp.reasons.${reason}`, { defaultValue: reason }), count(messages)] as const),
  ];
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value]) =>
        value === "" ? null : (
          <div key={name} className={styles.fact}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}
