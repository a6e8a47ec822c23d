import { Button, CopyButton, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";

interface Props {
  title: string;
  text: string;
  label: string;
  /** What is shown; closed while undefined. */
  secret: string | undefined;
  onClose: () => void;
}

/** ShownOnce shows a secret that cannot be shown again. Only its button closes it, so that no stray touch loses it. */
export function ShownOnce({ title, text, label, secret, onClose }: Props) {
  const { t } = useTranslation();
  return (
    <Modal opened={secret !== undefined} onClose={onClose} title={title} withCloseButton={false} closeOnClickOutside={false} closeOnEscape={false}>
      <Stack>
        <Text>{text}</Text>
        <TextInput
          label={label}
          value={secret ?? ""}
          readOnly
          data-autofocus
          classNames={{ input: "mono" }}
          onFocus={(event) => event.currentTarget.select()}
        />
        <Group justify="flex-end">
          {navigator.clipboard ? (
            <CopyButton value={secret ?? ""}>
              {({ copied, copy }) => (
                <Button variant="default" onClick={copy}>
                  {t(copied ? "common.copied" : "common.copy")}
                </Button>
              )}
            </CopyButton>
          ) : null}
          <Button onClick={onClose}>{t("common.noted")}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
