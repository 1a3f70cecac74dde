/** Starts over when nobody has touched anything for a while. */
import { useEffect, useEffectEvent, useState } from 'react';
import { COUNTED_SECONDS, secondsLeft } from './idle.ts';

const ACTIVITIES = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'drop'] as const;
const TICK_MS = 250;

/** The seconds that are left while they are counted down, else null. */
export function useIdle(watched: boolean, onIdle: () => void): number | null {
  const [left, setLeft] = useState<number | null>(null);
  const leave = useEffectEvent(onIdle);
  useEffect(() => {
    if (!watched) return;
    let lastActive = Date.now();
    const ending = new AbortController();
    const stay = () => {
      lastActive = Date.now();
      setLeft(null);
    };
    for (const activity of ACTIVITIES)
      document.addEventListener(activity, stay, { signal: ending.signal, passive: true, capture: true });
    const ticking = setInterval(() => {
      const seconds = secondsLeft(lastActive, Date.now());
      setLeft(seconds <= COUNTED_SECONDS ? seconds : null);
      if (seconds === 0) leave();
    }, TICK_MS);
    return () => {
      ending.abort();
      clearInterval(ticking);
      setLeft(null);
    };
  }, [watched]);
  return left;
}
