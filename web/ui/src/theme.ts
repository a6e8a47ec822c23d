// Colours and habits of the page. Every shade pair in use passes WCAG AA in both themes; e2e/accessibility.spec.ts
// checks it.
import {
  Button,
  createTheme,
  Drawer,
  Modal,
  NumberInput,
  Paper,
  PasswordInput,
  Select,
  TextInput,
  type CSSVariablesResolver,
  type MantineColorsTuple,
} from "@mantine/core";

const tide: MantineColorsTuple = [
  "#ecf6f9",
  "#d5eaf1",
  "#a9d5e2",
  "#7bbfd2",
  "#4fa6bd",
  "#2f8ca5",
  "#1f7590",
  "#0f5f78",
  "#0b4c61",
  "#07394a",
];

const red: MantineColorsTuple = [
  "#fdeeec",
  "#f9d8d4",
  "#f2b1a9",
  "#ea877b",
  "#de6254",
  "#cf4435",
  "#bd3426",
  "#a3281c",
  "#861f15",
  "#66160e",
];

const dark: MantineColorsTuple = [
  "#dbe4e8",
  "#bac7cd",
  "#9aabb3",
  "#6f838c",
  "#3d4f58",
  "#2c3b43",
  "#1f2c33",
  "#172228",
  "#10191e",
  "#0b1216",
];

export const theme = createTheme({
  colors: { tide, red, dark },
  primaryColor: "tide",
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace',
  headings: { fontWeight: "650" },
  components: {
    Button: Button.extend({ defaultProps: { size: "sm" } }),
    Drawer: Drawer.extend({ defaultProps: { position: "right", size: "lg", overlayProps: { backgroundOpacity: 0.4 } } }),
    Modal: Modal.extend({ defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.4 } } }),
    Paper: Paper.extend({ defaultProps: { withBorder: true, radius: "md" } }),
    TextInput: TextInput.extend({ defaultProps: { autoComplete: "off" } }),
    PasswordInput: PasswordInput.extend({ defaultProps: { autoComplete: "off" } }),
    NumberInput: NumberInput.extend({ defaultProps: { hideControls: true, thousandSeparator: false } }),
    Select: Select.extend({ defaultProps: { allowDeselect: false, comboboxProps: { shadow: "md" } } }),
  },
});

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#55646c",
    "--mantine-color-placeholder": "#66757d",
    "--mantine-color-error": "#a3281c",
    "--mantine-color-text": "#152127",
    "--mantine-color-default-border": "#d3dce0",
  },
  dark: {
    "--mantine-color-dimmed": "#9aabb3",
    "--mantine-color-placeholder": "#8b9ca5",
    "--mantine-color-error": "#f2988d",
    "--mantine-color-text": "#dbe4e8",
    "--mantine-color-default-border": "#2c3b43",
  },
});
