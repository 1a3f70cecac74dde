/** Shows the picture that is asked about, its name and its size. */
import { byId } from './elements.js';
import type { Words } from './messages.js';

export interface Preview {
  readonly show: (file: File) => void;
  readonly name: (file: File, words: Words) => void;
}

export function createPreview(): Preview {
  const figure = byId('picture', HTMLElement);
  const image = byId('preview', HTMLImageElement);
  const placeholder = byId('no-preview', HTMLElement);

  image.addEventListener('load', () => showImage(true));
  image.addEventListener('error', () => showImage(false));

  /** Few browsers show HEIC and TIFF, but the service may read them. */
  function showImage(possible: boolean): void {
    image.hidden = !possible;
    placeholder.hidden = possible;
    // Its bytes are no longer needed once it is decoded.
    URL.revokeObjectURL(image.src);
  }

  function show(file: File): void {
    figure.hidden = false;
    URL.revokeObjectURL(image.src);
    image.src = URL.createObjectURL(file);
  }

  function name(file: File, words: Words): void {
    image.alt = `${words.picture}: ${file.name}`;
    byId('file-name', HTMLElement).textContent = file.name;
    byId('file-size', HTMLElement).textContent = inBytes(file.size);
  }

  return { show, name };
}

function inBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
