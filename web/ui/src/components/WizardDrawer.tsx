import { Button, Drawer, Group, Stack, Text, Title } from "@mantine/core";
import type { FormEvent, ReactNode } from "react";
import { useTranslation } from "react-i18next";

import styles from "./FormDrawer.module.css";

interface Props {
  title: string;
  /** The headings of the steps; step is the place of the one that is shown. */
  steps: readonly string[];
  step: number;
  /** What the button of the last step says. */
  submit: string;
  saving: boolean;
  /** Nothing can be done with what is entered in this step. */
  stuck?: boolean;
  /** What went wrong, above the buttons. */
  problem?: ReactNode;
  onClose: () => void;
  onBack: () => void;
  /** The button of the step was pressed, or Enter: the next one, or the end. */
  onNext: () => void;
  children: ReactNode;
}

/** WizardDrawer is the frame of what is made step by step: the step scrolls, the buttons stay. */
export function WizardDrawer({ title, steps, step, submit, saving, stuck = false, problem, onClose, onBack, onNext, children }: Props) {
  const { t } = useTranslation();
  const next = (event: FormEvent) => {
    event.preventDefault();
    onNext();
  };
  return (
    <Drawer
      opened
      onClose={onClose}
      title={title}
      closeButtonProps={{ "aria-label": t("common.close"), size: "lg" }}
      classNames={{ title: styles.title, body: styles.body, content: styles.content }}
    >
      <form className={styles.form} onSubmit={next} noValidate>
        <Stack gap="md" className={styles.fields}>
          <Group justify="space-between" align="baseline">
            <Title order={3} size="h4">
              {steps[step]}
            </Title>
            <Text size="sm" c="dimmed" aria-live="polite">
              {t("wizard.step", { step: step + 1, steps: steps.length })}
            </Text>
          </Group>
          {children}
        </Stack>
        <div className={styles.footer}>
          {problem}
          <Group justify="space-between" gap="sm">
            <Button variant="default" onClick={step === 0 ? onClose : onBack}>
              {t(step === 0 ? "common.cancel" : "wizard.back")}
            </Button>
            <Button type="submit" loading={saving} disabled={stuck}>
              {step === steps.length - 1 ? submit : t("wizard.next")}
            </Button>
          </Group>
        </div>
      </form>
    </Drawer>
  );
}
