import { ActionIcon, Tooltip, type ActionIconProps } from "@mantine/core";
import type { ReactNode } from "react";

interface Props extends Pick<ActionIconProps, "color" | "variant"> {
  label: string;
  onClick: () => void;
  children: ReactNode;
}

const size = 40;

/** IconButton is a button without a word: its label is its name and its tooltip. */
export function IconButton({ label, onClick, children, variant = "subtle", color }: Props) {
  return (
    <Tooltip label={label} openDelay={400}>
      <ActionIcon variant={variant} color={color ?? "gray"} size={size} aria-label={label} onClick={onClick} c="dimmed">
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
