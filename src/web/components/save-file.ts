/** Gives the browser files to keep. */

export function save(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  saveFrom(url, name);
  // The browser may ask for it a moment later.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

export function saveFrom(address: string, name: string): void {
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
}
