/** What streams of server-sent events have in common. */

/** What is not told is found by looking. */
export const LOOK_MS = 1_000;
/** Proxies cut what is silent for long; most wait a minute. */
export const HEARTBEAT_MS = 15_000;
/** Says nothing, but something. */
export const HEARTBEAT = ':\n\n';

export const eventOf = (name: string, data: unknown, id?: string): string =>
  `event: ${name}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;

export interface News {
  /** Until there is some, but not longer. */
  readonly next: (ms: number) => Promise<void>;
  /** What comes from now on is new. */
  readonly forget: () => void;
  readonly close: () => void;
}

/** Waits for something new; `watch` calls its listener when there is, until what it returns is called. */
export function createNews(watch: (listener: () => void) => () => void, signal: AbortSignal): News {
  let isNew = false;
  let wake: () => void = () => undefined;
  const hear = () => {
    isNew = true;
    wake();
  };
  const unwatch = watch(hear);
  signal.addEventListener('abort', hear);

  async function next(ms: number): Promise<void> {
    if (isNew || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  return {
    next,
    forget: () => {
      isNew = false;
    },
    close: () => {
      unwatch();
      signal.removeEventListener('abort', hear);
    },
  };
}
