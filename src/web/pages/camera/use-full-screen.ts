/** Shows a part of the page on the whole screen, where the browser can. */
import { type RefObject, useSyncExternalStore } from 'react';

export interface FullScreen {
  /** An iPhone cannot, except for bare videos. */
  readonly possible: boolean;
  readonly on: boolean;
  readonly toggle: () => void;
}

export function useFullScreen(part: RefObject<HTMLElement | null>): FullScreen {
  const on = useSyncExternalStore(subscribe, () => document.fullscreenElement !== null);
  const toggle = () => {
    // Refused only where the browser has its own reason; then nothing changes, as people see.
    const change = on ? document.exitFullscreen() : part.current?.requestFullscreen();
    change?.catch(() => undefined);
  };
  return { possible: document.fullscreenEnabled ?? false, on, toggle };
}

function subscribe(listener: () => void): () => void {
  document.addEventListener('fullscreenchange', listener);
  return () => document.removeEventListener('fullscreenchange', listener);
}
