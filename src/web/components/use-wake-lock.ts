/** Keeps the screen on: nobody touches a phone that stands on a table and looks. */
import { useEffect } from 'react';

/** A browser lets go of it when the page is hidden, so `wanted` has to change with that. */
export function useWakeLock(wanted: boolean): void {
  useEffect(() => {
    if (!wanted || !('wakeLock' in navigator)) return;
    // It is refused when the battery is low; then the screen goes off as it always does.
    const lock = navigator.wakeLock.request('screen').catch(() => undefined);
    return () => void lock.then((held) => held?.release());
  }, [wanted]);
}
