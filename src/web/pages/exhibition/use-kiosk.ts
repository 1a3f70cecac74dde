/** Turns the browser into a thing on a stand: full screen, awake, and with nothing to get lost in. */
import { useEffect, useEffectEvent, useRef } from 'react';
import { useVisible } from '../../components/use-visible.ts';
import { useWakeLock } from '../../components/use-wake-lock.ts';

/**
 * `onLeaving` is called when somebody wants to leave by Escape, which also ends the full screen, or by the browser's way
 * back. While they are `asked` whether they mean it, nothing is done about that. What it gives lets the way back go, and then
 * does what it is given.
 */
export function useKiosk(asked: boolean, onLeaving: () => void): (then: () => void) => void {
  const holding = useRef(true);
  const leaving = useEffectEvent(() => asked || onLeaving());
  const fill = useEffectEvent(() => asked || void fillScreen());
  useEffect(() => {
    const ending = new AbortController();
    const { signal } = ending;
    // Browsers allow it only where somebody has just touched something.
    fill();
    document.addEventListener('pointerup', () => fill(), { signal });
    const onChange = () => document.fullscreenElement === null && leaving();
    document.addEventListener('fullscreenchange', onChange, { signal });
    document.addEventListener('keydown', ({ key }) => key === 'Escape' && leaving(), { signal });
    // The way back leads here once more.
    const here = window.location.href;
    const stayHere = () => window.history.pushState(window.history.state, '', here);
    stayHere();
    const onBack = () => {
      if (!holding.current || window.location.href !== here) return;
      stayHere();
      leaving();
    };
    window.addEventListener('popstate', onBack, { signal });
    // Menus of the browser, and pictures that are dragged away.
    for (const way of ['contextmenu', 'dragstart'] as const)
      document.addEventListener(way, (event) => event.preventDefault(), { signal });
    return () => {
      ending.abort();
      if (document.fullscreenElement) void document.exitFullscreen().catch(() => undefined);
    };
  }, []);
  useWakeLock(useVisible());
  useEffect(beDark, []);
  return (then) => {
    if (!holding.current) return;
    holding.current = false;
    window.addEventListener('popstate', then, { once: true });
    window.history.back();
  };
}

/** Where it is not allowed, or there is no such thing, the page stays as large as it is. */
export async function fillScreen(): Promise<void> {
  if (document.fullscreenElement || !document.fullscreenEnabled || !navigator.userActivation?.isActive) return;
  await document.documentElement.requestFullscreen({ navigationUI: 'hide' }).catch(() => undefined);
}

/** In the dark the pictures shine. */
function beDark(): () => void {
  const { dataset } = document.documentElement;
  const before = dataset.theme;
  dataset.theme = 'dark';
  return () => {
    if (before === undefined) delete dataset.theme;
    else dataset.theme = before;
  };
}
