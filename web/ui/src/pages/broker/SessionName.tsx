import { Text, UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { sharedOf } from "../../lib/topic";
import styles from "./broker.module.css";

interface Props {
  id: string;
  /** What else is known of the client, below its name. */
  text?: string;
  /** Shows all that is known of it; left out where there is no more. */
  onOpen?: () => void;
}

/** SessionName is a client by its id, or a shared subscription, whose queue belongs to no client. */
export function SessionName({ id, text = "", onOpen }: Props) {
  const { t } = useTranslation();
  const shared = sharedOf(id);
  const name = shared ? shared.filter : id;
  const below = shared ? t("broker.sharedQueue", { group: shared.group }) : text;
  return (
    <div>
      <Text fw={600} style={{ overflowWrap: "anywhere" }}>
        {onOpen ? (
          <UnstyledButton className={styles.opener} fz="inherit" fw="inherit" onClick={onOpen}>
            {name}
          </UnstyledButton>
        ) : (
          name
        )}
      </Text>
      {below ? (
        <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {below}
        </Text>
      ) : null}
    </div>
  );
}
