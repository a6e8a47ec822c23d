/** saveAs puts a file among the downloads of the browser. */
export function saveAs(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // The browser has begun to copy by then; the memory is given back.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
