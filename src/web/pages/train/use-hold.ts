/** A button that does something for as long as it is held, with a finger, the mouse or the space bar. */
import { type PointerEvent, type RefObject, useEffect, useEffectEvent, useRef, useState } from 'react';

interface Hold {
  readonly isHeld: boolean;
  readonly button: {
    readonly ref: RefObject<HTMLButtonElement | null>;
    readonly onPointerDown: (event: PointerEvent<HTMLButtonElement>) => void;
    readonly onPointerUp: () => void;
    readonly onPointerCancel: () => void;
    readonly onContextMenu: (event: { preventDefault: () => void }) => void;
  };
}

/** The space bar holds it wherever the focus is, unless it belongs to what has the focus. `onTick` is called at once, then every `ms`. */
export function useHold(onTick: () => Promise<void> | void, ms: number): Hold {
  const [isHeld, setHeld] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const tick = useEffectEvent(onTick);

  useEffect(() => {
    if (!isHeld) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    const again = async () => {
      const began = performance.now();
      await tick();
      // One that takes long does not make a crowd of them.
      if (!isOver) timer = setTimeout(again, Math.max(0, ms - (performance.now() - began)));
    };
    void again();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [isHeld, ms]);

  useEffect(() => {
    const ending = new AbortController();
    const { signal } = ending;
    const press = (event: KeyboardEvent) => {
      if (event.code !== 'Space' || event.ctrlKey || event.metaKey || event.altKey) return;
      const { target } = event;
      const owner = target instanceof Element ? target.closest(OWNERS) : null;
      if (owner && owner !== button.current) return;
      // It would scroll the page, and press the button once more when it is let go.
      event.preventDefault();
      if (!event.repeat) setHeld(true);
    };
    const letGo = (event: KeyboardEvent) => {
      if (event.code !== 'Space') return;
      if (event.target === button.current) event.preventDefault();
      setHeld(false);
    };
    const stop = () => setHeld(false);
    document.addEventListener('keydown', press, { signal });
    document.addEventListener('keyup', letGo, { signal });
    window.addEventListener('blur', stop, { signal });
    return () => ending.abort();
  }, []);

  const stop = () => setHeld(false);
  return {
    isHeld,
    button: {
      ref: button,
      onPointerDown: (event) => {
        if (event.button !== 0) return;
        // Until it is let go, wherever that is.
        event.currentTarget.setPointerCapture(event.pointerId);
        setHeld(true);
      },
      onPointerUp: stop,
      onPointerCancel: stop,
      // Phones open one for what is held long.
      onContextMenu: (event) => event.preventDefault(),
    },
  };
}

/** What the space bar belongs to. */
const OWNERS = 'button, a, input, select, textarea, summary, dialog, [role=dialog], [role=menu]';
