import { Alert } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { IconWarn } from "../components/icons";
import { useLink } from "../live/live";

/** LinkBanner says that what one sees is not live, as long as that is so. */
export function LinkBanner() {
  const { t } = useTranslation();
  const link = useLink();
  return (
    <div aria-live="assertive">
      {link === "lost" ? (
        <Alert color="red" variant="light" icon={<IconWarn />} title={t("link.lost")} mb="md" data-testid="link-lost">
          {t("link.lostHelp")}
        </Alert>
      ) : null}
    </div>
  );
}
