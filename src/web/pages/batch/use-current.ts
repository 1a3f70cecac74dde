/** The picture of a list that has the keyboard: one can be reached with the Tab key, the others with arrows. */
import { type RefObject, useEffect, useRef, useState } from 'react';
import type { Row } from './rows.ts';

export interface Current {
  /** In the list. */
  readonly position: number;
  readonly isCurrent: (row: Row) => boolean;
  readonly setCurrent: (item: number) => void;
  /** Gives the focus to the picture there, or to the nearest one. */
  readonly moveTo: (position: number) => void;
}

/** The buttons in `list` have the attribute `data-item`; `scrollTo` brings a position into view. */
export function useCurrent(
  rows: readonly Row[],
  list: RefObject<HTMLElement | null>,
  scrollTo: (position: number) => void,
): Current {
  const [item, setItem] = useState<number | null>(null);
  const wanted = useRef<number | null>(null);
  const position = Math.max(0, item === null ? 0 : rows.findIndex((row) => row.item === item));
  // Once it is drawn.
  useEffect(() => {
    if (wanted.current === null) return;
    const button = list.current?.querySelector<HTMLElement>(`[data-item="${wanted.current}"]`);
    if (!button) return;
    wanted.current = null;
    button.focus({ preventScroll: true });
  });
  return {
    position,
    isCurrent: (row) => row === rows[position],
    setCurrent: setItem,
    moveTo: (to) => {
      const at = Math.min(Math.max(to, 0), rows.length - 1);
      const row = rows[at];
      if (!row) return;
      wanted.current = row.item;
      setItem(row.item);
      scrollTo(at);
    },
  };
}
