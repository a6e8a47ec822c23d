/** formatTime is a moment as people write it, to the second. */
export function formatTime(time: string | Date, language: string): string {
  return new Date(time).toLocaleString(language, { dateStyle: "medium", timeStyle: "medium" });
}
