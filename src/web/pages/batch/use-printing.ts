/** Lists show on the screen what is in view, and on paper all. */
import { useCallback, useEffect, useState } from 'react';
import { flushSync } from 'react-dom';

/** Pictures on paper; more would be a book. */
export const MOST_PRINTED = 1000;
/** What has not come by then is left out. */
const PATIENCE_MS = 15_000;
const LOOK_MS = 50;

export interface Printing {
  /** All is to be drawn, at once. */
  readonly isPrinting: boolean;
  /** Opens the print dialog once all pictures are there. */
  readonly print: () => Promise<void>;
}

export function usePrinting(): Printing {
  const [isPrinting, setPrinting] = useState(false);
  useEffect(() => {
    const ending = new AbortController();
    const { signal } = ending;
    // The browser's own command does not wait.
    window.addEventListener('beforeprint', () => flushSync(() => setPrinting(true)), { signal });
    window.addEventListener('afterprint', () => setPrinting(false), { signal });
    return () => ending.abort();
  }, []);
  const print = useCallback(async () => {
    flushSync(() => setPrinting(true));
    const end = performance.now() + PATIENCE_MS;
    while (isLoading() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    window.print();
    setPrinting(false);
  }, []);
  return { isPrinting, print };
}

const isLoading = (): boolean =>
  document.querySelector('main [data-loading]') !== null ||
  [...document.querySelectorAll<HTMLImageElement>('main img')].some(({ complete }) => !complete);
