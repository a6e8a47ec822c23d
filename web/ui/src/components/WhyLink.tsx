import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

interface Props {
  device: string;
  /** Left out: one of the device's points is chosen there. */
  point?: string;
  /** The name of the device or point, for those who hear the link without its surroundings. */
  name: string;
}

/** WhyLink leads from a value or a device that is not good to the explanation of it. */
export function WhyLink({ device, point, name }: Props) {
  const { t } = useTranslation();
  return (
    <Anchor component={Link} to="/diagnostics" search={{ tab: "value", device, point } as never} size="xs" aria-label={t("why.linkOf", { name })}>
      {t("why.link")}
    </Anchor>
  );
}
