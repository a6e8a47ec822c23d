import { Button, FileButton, Input, Text } from "@mantine/core";
import { type DragEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";

import { formatBytes } from "../lib/format";
import styles from "./FileDrop.module.css";
import { IconFile } from "./icons";

interface Props {
  label: string;
  description?: ReactNode;
  /** The kinds of files, as the browser's dialog takes them. */
  accept?: string;
  file: File | null;
  error?: ReactNode;
  onFile: (file: File) => void;
}

/** FileDrop takes a file: dropped onto it, or chosen with its button. */
export function FileDrop({ label, description, accept, file, error, onFile }: Props) {
  const { t, i18n } = useTranslation();
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const dropped = event.dataTransfer.files[0];
    if (dropped) {
      onFile(dropped);
    }
  };
  return (
    <Input.Wrapper label={label} description={description} labelElement="div" error={error}>
      <div
        className={styles.drop}
        data-over={over || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <FileButton onChange={(chosen) => chosen && onFile(chosen)} {...(accept ? { accept } : {})} inputProps={{ "aria-label": label }}>
          {(props) => (
            <Button {...props} variant="default" leftSection={<IconFile size={18} />} aria-label={t("form.chooseFor", { name: label })}>
              {t("form.choose")}
            </Button>
          )}
        </FileButton>
        <Text size="sm" c={file ? undefined : "dimmed"} style={{ overflowWrap: "anywhere" }}>
          {file ? t("form.file", { name: file.name, size: formatBytes(file.size, i18n.language) }) : t("form.orDrop")}
        </Text>
      </div>
    </Input.Wrapper>
  );
}
