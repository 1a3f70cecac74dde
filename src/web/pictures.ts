/** The ways of a picture to the page: chosen, photographed, dropped, pasted. */
import { byId } from './elements.js';

export interface Listeners {
  /** `count` files came; only the first is taken. */
  readonly onPicture: (file: File, count: number) => void;
  /** Something was pasted that has no file. */
  readonly onNothing: () => void;
}

export function listenForPictures({ onPicture, onNothing }: Listeners): void {
  function take(files: FileList | undefined | null): boolean {
    const [first] = files ?? [];
    if (first) onPicture(first, files?.length ?? 1);
    return first !== undefined;
  }

  for (const input of [byId('choose', HTMLInputElement), byId('camera', HTMLInputElement)]) {
    input.addEventListener('change', () => {
      take(input.files);
      // So that the same file can be chosen again after it has changed.
      input.value = '';
    });
  }
  listenForDrops(take);
  document.addEventListener('paste', (event) => {
    if (take(event.clipboardData?.files)) event.preventDefault();
    else if (!isText(event.target)) onNothing();
  });
}

function listenForDrops(take: (files: FileList | undefined) => boolean): void {
  const show = (dragging: boolean) => document.body.classList.toggle('dragging', dragging);
  document.addEventListener('dragover', (event) => {
    if (isText(event.target) || !event.dataTransfer) return;
    const hasFiles = event.dataTransfer.types.includes('Files');
    // Without this the browser would leave the page for what is dropped.
    event.preventDefault();
    event.dataTransfer.dropEffect = hasFiles ? 'copy' : 'none';
    show(hasFiles);
  });
  document.addEventListener('dragleave', ({ relatedTarget }) => {
    if (relatedTarget === null) show(false);
  });
  document.addEventListener('drop', (event) => {
    show(false);
    if (isText(event.target) && !event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    take(event.dataTransfer?.files);
  });
}

const isText = (target: EventTarget | null) => target instanceof HTMLInputElement && target.type === 'password';
