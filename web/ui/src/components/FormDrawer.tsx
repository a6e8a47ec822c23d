import { Button, Drawer, Group, Stack } from "@mantine/core";
import type { FormEvent, ReactNode } from "react";
import { useTranslation } from "react-i18next";

import styles from "./FormDrawer.module.css";

interface Props {
  opened: boolean;
  title: string;
  saving: boolean;
  /** What the button says that sends the form; "Save" when left out. */
  submit?: string;
  onClose: () => void;
  onSubmit: (event: FormEvent<HTMLFormElement>) => void;
  /** What went wrong, above the buttons, where it is seen after pressing one. */
  problem?: ReactNode;
  children: ReactNode;
}

/** FormDrawer is the frame of each form: it scrolls, the buttons stay. */
export function FormDrawer({ opened, title, saving, submit, onClose, onSubmit, problem, children }: Props) {
  const { t } = useTranslation();
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      title={title}
      closeButtonProps={{ "aria-label": t("common.close"), size: "lg" }}
      classNames={{ title: styles.title, body: styles.body, content: styles.content }}
    >
      <form className={styles.form} onSubmit={onSubmit} noValidate>
        <Stack gap="md" className={styles.fields}>
          {children}
        </Stack>
        <div className={styles.footer}>
          {problem}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              {t("common.cancel")}
            </Button>
            <Button type="submit" loading={saving}>
              {submit ?? t("common.save")}
            </Button>
          </Group>
        </div>
      </form>
    </Drawer>
  );
}
