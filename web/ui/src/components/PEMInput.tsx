import { FileButton, Button, Group, Textarea, type TextareaProps } from "@mantine/core";
import type { DragEvent } from "react";
import { useTranslation } from "react-i18next";

interface Props extends TextareaProps {
  /** Gets the text of a file that was chosen. */
  onText: (text: string) => void;
}

/** PEMInput takes a certificate or a key: pasted, dropped as a file, or chosen. Nothing leaves the page before the form is saved. */
export function PEMInput({ label, onText, ...rest }: Props) {
  const { t } = useTranslation();
  const take = (file: File | null) => {
    if (file) {
      void file.text().then(onText);
    }
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    take(event.dataTransfer.files[0] ?? null);
  };
  return (
    <div onDragOver={(event) => event.preventDefault()} onDrop={drop}>
      <Textarea label={label} rows={3} spellCheck={false} autoComplete="off" classNames={{ input: "mono" }} placeholder="-----BEGIN …" {...rest} />
      <Group justify="flex-end" mt={4}>
        <FileButton onChange={take} accept=".pem,.crt,.cer,.key">
          {(props) => (
            <Button {...props} variant="subtle" size="compact-sm" aria-label={t("form.fileFor", { name: label })}>
              {t("form.fromFile")}
            </Button>
          )}
        </FileButton>
      </Group>
    </div>
  );
}
