/** The colours of the chart and its legend; the lines differ in their dashes too. */
export const lineColours = {
  light: { text: "#55646c", grid: "#e2e8eb", backlog: "#a85b00", in: "#6b3fa0", out: "#0f5f78", outage: "#a3281c1f" },
  dark: { text: "#9aabb3", grid: "#263239", backlog: "#f0bf6a", in: "#c4a3ec", out: "#7bbfd2", outage: "#f5a39926" },
};
