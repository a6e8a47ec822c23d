import { IconBackup } from "../../components/icons";

/** The sub-pages of the settings, in the order of their list. */
export const sections = [{ to: "/settings/backup", text: "settings.backup", about: "settings.backupAbout", Icon: IconBackup }] as const;
