import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { sharedOf } from "../../lib/topic";

interface Props {
  id: string;
  /** What else is known of the client, below its name. */
  text?: string;
}

/** SessionName is a client by its id, or a shared subscription, whose queue belongs to no client. */
export function SessionName({ id, text = "" }: Props) {
  const { t } = useTranslation();
  const shared = sharedOf(id);
  const below = shared ? t("broker.sharedQueue", { group: shared.group }) : text;
  return (
    <div>
      <Text fw={600} style={{ overflowWrap: "anywhere" }}>
        {shared ? shared.filter : id}
      </Text>
      {below ? (
        <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {below}
        </Text>
      ) : null}
    </div>
  );
}
