/**
 * Where what had the focus vanishes, such as a button that removes what it stands beside, the heading of its part takes
 * it: else people who hear the page would be back at its top, and not know why.
 */

/** Parts that people know as such. */
const PARTS = 'section, search, main';

/** For a `ref`. */
export function keepFocus(main: HTMLElement | null): (() => void) | undefined {
  if (!main) return undefined;
  /** What had the focus, and what it stood in, from the inside. */
  let path: readonly HTMLElement[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const isGone = () => path[0]?.isConnected === false && document.activeElement === document.body;
  const later = (act: () => void) => {
    clearTimeout(timer);
    timer = setTimeout(act);
  };
  const take = (event: Event) => {
    path = event.composedPath().filter((place) => place instanceof HTMLElement);
  };
  const leave = () =>
    later(() => {
      // Who clicked beside it wants it nowhere.
      if (path[0]?.isConnected && document.activeElement === document.body) path = [];
    });
  const give = () => {
    if (!isGone()) return;
    const part = path.find((place) => place.isConnected && place.matches(PARTS));
    const heading = part?.querySelector<HTMLElement>('h1, h2, h3') ?? (part === main ? undefined : part);
    if (!heading) return;
    if (!heading.hasAttribute('tabindex')) heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  };
  main.addEventListener('focusin', take);
  main.addEventListener('focusout', leave);
  // Whoever made it vanish may have a better place for the focus.
  const observer = new MutationObserver(() => isGone() && later(give));
  observer.observe(main, { childList: true, subtree: true });
  return () => {
    clearTimeout(timer);
    observer.disconnect();
    main.removeEventListener('focusin', take);
    main.removeEventListener('focusout', leave);
  };
}
