import { Button, Group, Textarea } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";

import { FileDrop } from "./FileDrop";

interface Props {
  label: string;
  description?: ReactNode;
  error?: ReactNode;
  /** The text that is there; empty for none. */
  value: string;
  /** The kinds of files, as the browser's dialog takes them. */
  accept?: string;
  onText: (text: string) => void;
  /** Takes a file that may be no text; left out, each is read as text. */
  onFile?: (file: File) => void;
}

/** PEMInput takes a certificate or a key: dropped as a file, chosen, or pasted. Nothing leaves the page by that. */
export function PEMInput({ label, description, error, value, accept = ".pem,.crt,.cer,.key", onText, onFile }: Props) {
  const { t } = useTranslation();
  const [file, setFile] = useState<File | null>(null);
  const [pasting, setPasting] = useState(false);
  const take = (chosen: File) => {
    setFile(chosen);
    setPasting(false);
    if (onFile) {
      onFile(chosen);
    } else {
      void chosen.text().then(onText);
    }
  };
  const type = (text: string) => {
    setFile(null);
    onText(text);
  };
  return (
    <div>
      <FileDrop label={label} description={description} accept={accept} file={file} error={error} onFile={take} />
      {pasting ? (
        <Textarea
          mt={6}
          rows={4}
          autoFocus
          spellCheck={false}
          autoComplete="off"
          placeholder="-----BEGIN …"
          aria-label={t("form.textOf", { name: label })}
          classNames={{ input: "mono" }}
          value={value}
          onChange={(event) => type(event.currentTarget.value)}
        />
      ) : (
        <Group justify="flex-end" gap="xs" mt={4}>
          {value === "" ? null : (
            <Button variant="subtle" color="gray" size="compact-sm" aria-label={t("form.removeOf", { name: label })} onClick={() => type("")}>
              {t("form.remove")}
            </Button>
          )}
          <Button variant="subtle" size="compact-sm" aria-label={t("form.pasteFor", { name: label })} onClick={() => setPasting(true)}>
            {t("form.paste")}
          </Button>
        </Group>
      )}
    </div>
  );
}
