/** The space bar, wherever the focus is, unless it is on something that the space bar belongs to. */
import { useEffect, useEffectEvent } from 'react';

export function useSpaceBar(onSpace: () => void): void {
  const press = useEffectEvent(onSpace);
  useEffect(() => {
    const look = (event: KeyboardEvent) => {
      const own =
        event.target instanceof Element &&
        event.target.closest('button, a, input, select, textarea, dialog, [role=dialog]');
      if (event.code !== 'Space' || event.repeat || own || event.ctrlKey || event.metaKey || event.altKey) return;
      // It would scroll the page.
      event.preventDefault();
      press();
    };
    document.addEventListener('keydown', look);
    return () => document.removeEventListener('keydown', look);
  }, []);
}
