import { IconAudit, IconBackup, IconBroker, IconCertificate, IconChart, IconDoor, IconKey, IconRevisions, IconUser, IconWait } from "../../components/icons";

/** The sub-pages of the settings, in the order of their list. */
export const sections = [
  { to: "/settings/site", text: "settings.site", about: "settings.siteAbout", Icon: IconWait },
  { to: "/settings/users", text: "settings.users", about: "settings.usersAbout", Icon: IconUser },
  { to: "/settings/mqtt", text: "settings.mqtt", about: "settings.mqttAbout", Icon: IconBroker },
  { to: "/settings/listeners", text: "settings.listeners", about: "settings.listenersAbout", Icon: IconDoor },
  { to: "/settings/certificates", text: "settings.certificates", about: "settings.certificatesAbout", Icon: IconCertificate },
  { to: "/settings/tokens", text: "settings.tokens", about: "settings.tokensAbout", Icon: IconKey },
  { to: "/settings/history", text: "settings.history", about: "settings.historyAbout", Icon: IconChart },
  { to: "/settings/revisions", text: "settings.revisions", about: "settings.revisionsAbout", Icon: IconRevisions },
  { to: "/settings/audit", text: "settings.audit", about: "settings.auditAbout", Icon: IconAudit },
  { to: "/settings/backup", text: "settings.backup", about: "settings.backupAbout", Icon: IconBackup },
] as const;
