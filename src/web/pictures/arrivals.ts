/** Files that are dropped anywhere on the page, or pasted. */
import { useEffect, useEffectEvent, useState } from 'react';

/** How files came. */
export interface Way {
  readonly pasted: boolean;
  /** What they were dropped on, or what had the focus. */
  readonly target: EventTarget | null;
}

export interface Arrivals {
  readonly onFiles: (files: readonly File[], transfer: DataTransfer, way: Way) => void;
  /** Something was pasted that has no file. */
  readonly onNothing?: () => void;
}

/** Whether something is being dragged over the page that can be dropped. */
export function useArrivals({ onFiles, onNothing }: Arrivals): boolean {
  const [dragging, setDragging] = useState(false);
  const take = useEffectEvent((transfer: DataTransfer | null, way: Way): boolean => {
    const files = [...(transfer?.files ?? [])];
    if (transfer && files.length > 0) onFiles(files, transfer, way);
    return files.length > 0;
  });
  const takeNothing = useEffectEvent(() => onNothing?.());

  useEffect(() => {
    const over = (event: DragEvent) => {
      if (!event.dataTransfer) return;
      const hasFiles = event.dataTransfer.types.includes('Files');
      if (isText(event.target) && !hasFiles) return;
      // Without this the browser would leave the page for what is dropped.
      event.preventDefault();
      event.dataTransfer.dropEffect = hasFiles ? 'copy' : 'none';
      setDragging(hasFiles);
    };
    const leave = ({ relatedTarget }: DragEvent) => {
      if (relatedTarget === null) setDragging(false);
    };
    const drop = (event: DragEvent) => {
      setDragging(false);
      if (isText(event.target) && !event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      take(event.dataTransfer, { pasted: false, target: event.target });
    };
    const paste = (event: ClipboardEvent) => {
      if (take(event.clipboardData, { pasted: true, target: event.target })) event.preventDefault();
      else if (!isText(event.target)) takeNothing();
    };
    const ending = new AbortController();
    const { signal } = ending;
    document.addEventListener('dragover', over, { signal });
    document.addEventListener('dragleave', leave, { signal });
    document.addEventListener('drop', drop, { signal });
    document.addEventListener('paste', paste, { signal });
    return () => ending.abort();
  }, []);
  return dragging;
}

const isText = (target: EventTarget | null): boolean =>
  target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && target.type !== 'file');
