/** Where lists stand and how large things are, in pixels: what is to be seen of them is worked out from that. */
import { type RefObject, useEffect, useLayoutEffect, useState, useSyncExternalStore } from 'react';

/** How far an element is from the top of the document. */
export function useDocumentTop(element: RefObject<HTMLElement | null>): number {
  const [top, setTop] = useState(0);
  // What stands above may have changed with anything.
  useLayoutEffect(() => {
    const now = element.current?.getBoundingClientRect().top;
    if (now !== undefined) setTop(Math.round(now + window.scrollY));
  });
  return top;
}

/** Of one `rem`, which grows with the screen. */
export const useRem = (): number =>
  useSyncExternalStore(onResize, () => Number.parseFloat(getComputedStyle(document.documentElement).fontSize));

function onResize(listener: () => void): () => void {
  window.addEventListener('resize', listener);
  return () => window.removeEventListener('resize', listener);
}

/** 0 until it is known. */
export function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    if (element.current) setWidth(element.current.clientWidth);
  }, [element]);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => entry && setWidth(Math.floor(entry.contentRect.width)));
    if (element.current) observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
