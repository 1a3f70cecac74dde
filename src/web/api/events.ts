/** Follows what the service tells, with the key that an `EventSource` cannot send, and comes back when the line is cut. */
import { CallError, mayPass, send } from './call.ts';
import { createEventParser, type ServerEvent } from './event-parser.ts';

export interface Following {
  /** What was known before; empty for nothing. */
  readonly lastEventId: string;
  readonly signal: AbortSignal;
  /** As in `Call`. */
  readonly manages?: boolean;
  readonly onEvent: (event: ServerEvent) => void;
  /** Nothing comes after this one. */
  readonly isLast: (event: ServerEvent) => boolean;
  /** Whether the service is heard; false while it is tried again. */
  readonly onLine: (isOpen: boolean) => void;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;
/** The service says something every 15 seconds; after so much silence the line is dead, as after a laptop's sleep. */
const SILENCE_MS = 45_000;

/**
 * Until the last event, or until the service says that there is nothing to come. What will not be better later is thrown.
 * @throws CallError; AbortError if `signal` was aborted
 */
export async function followEvents(path: string, following: Following): Promise<void> {
  const { signal, onLine, onEvent } = following;
  let lastEventId = following.lastEventId;
  let wait = FIRST_WAIT_MS;
  const hear = (event: ServerEvent) => {
    lastEventId = event.id || lastEventId;
    wait = FIRST_WAIT_MS;
    onEvent(event);
  };
  for (;;) {
    try {
      if (await listen(path, { ...following, lastEventId, onEvent: hear })) return;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof CallError && !mayPass(error.problem)) throw error;
    }
    onLine(false);
    await pause(wait, signal);
    wait = Math.min(2 * wait, LONGEST_WAIT_MS);
  }
}

/** Whether the end was heard. */
async function listen(
  path: string,
  { lastEventId, isLast, onEvent, onLine, signal, manages }: Following,
): Promise<boolean> {
  const line = new AbortController();
  const cut = () => line.abort();
  signal.addEventListener('abort', cut);
  let silence = setTimeout(cut, SILENCE_MS);
  try {
    const headers = { ...(lastEventId !== '' && { 'Last-Event-ID': lastEventId }) };
    const { status, body } = await send(path, { headers, signal: line.signal, ...(manages && { manages }) });
    if (status === 204 || !body) return true;
    onLine(true);
    const parse = createEventParser();
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return false;
      clearTimeout(silence);
      silence = setTimeout(cut, SILENCE_MS);
      for (const event of parse(value)) {
        onEvent(event);
        if (isLast(event)) return true;
      }
    }
  } finally {
    clearTimeout(silence);
    signal.removeEventListener('abort', cut);
    // What is still on its way is of no use.
    cut();
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const give = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', give);
      resolve();
    }, ms);
    signal.addEventListener('abort', give, { once: true });
    if (signal.aborted) give();
  });
}
