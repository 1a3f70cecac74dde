/** Whether something lasts: what is over at once is not worth a word, nor that all else moves for it. */
import { useEffect, useState } from 'react';

const LASTING_MS = 600;

export function useLasting(is: boolean): boolean {
  const [lasts, setLasts] = useState(false);
  useEffect(() => {
    if (!is) return;
    const timer = setTimeout(() => setLasts(true), LASTING_MS);
    return () => {
      clearTimeout(timer);
      setLasts(false);
    };
  }, [is]);
  return is && lasts;
}
