/** Whether the page can be seen: another tab, another app, or a locked screen hides it. */
import { useSyncExternalStore } from 'react';

export const useVisible = (): boolean => useSyncExternalStore(subscribe, () => document.visibilityState === 'visible');

function subscribe(listener: () => void): () => void {
  document.addEventListener('visibilitychange', listener);
  return () => document.removeEventListener('visibilitychange', listener);
}
