/** Lets a sentence be read out, but not each one of many. */
import { useEffect, useRef, useState } from 'react';
import { announceAfter } from './announcing.ts';

/** What is to be read out now; it follows `sentence` slowly. */
export function useAnnouncement(sentence: string): string {
  const [announced, setAnnounced] = useState('');
  const last = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    if (sentence === announced) return;
    const announce = () => {
      last.current = performance.now();
      setAnnounced(sentence);
    };
    const timer = setTimeout(announce, announceAfter(last.current, performance.now()));
    return () => clearTimeout(timer);
  }, [sentence, announced]);
  return announced;
}
