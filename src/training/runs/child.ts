/** A training in a process of its own, as the service sees it. */
import { fork } from 'node:child_process';
import { AppError, type ErrorCode } from '../../errors.js';
import type { FromTraining, Order, ToldEvent, ToTraining } from './protocol.js';
import type { Outcome } from './training-record.js';

export type Ending =
  | { readonly kind: 'outcome'; readonly outcome: Outcome }
  | {
      readonly kind: 'failed';
      readonly code: ErrorCode;
      readonly error: string;
      /** What the process has written last, if it ended before its time. */
      readonly lastWords?: string;
    }
  /** It was ended from here. */
  | { readonly kind: 'killed' };

export interface Child {
  /** Never rejects; the process is gone then. */
  readonly ended: Promise<Ending>;
  /** Asks for the best so far, and waits for it, but not for ever. */
  readonly stop: () => void;
  /** At once: what it has written so far is whole. */
  readonly kill: () => void;
}

export interface ChildOptions {
  readonly script: URL;
  readonly order: Order;
  readonly onEvent: (event: ToldEvent) => void;
}

/** To judge and install what there is takes minutes, for many pictures on a slow machine. */
const STOP_MS = 600_000;
/** For a process that has said all. */
const EXIT_MS = 10_000;
const MOST_WORDS = 2_000;

export function startChild({ script, order, onEvent }: ChildOptions): Child {
  const child = fork(script, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] });
  let words = '';
  let said: Ending | undefined;
  let isKilled = false;
  let timer: NodeJS.Timeout | undefined;

  function kill(): void {
    isKilled = true;
    child.kill('SIGKILL');
  }

  function killAfter(ms: number): void {
    clearTimeout(timer);
    timer = setTimeout(kill, ms);
    timer.unref();
  }

  const send = (message: ToTraining) => {
    // One that has just ended says so itself.
    if (child.connected) child.send(message, () => undefined);
  };

  const ended = new Promise<Ending>((resolve) => {
    const end = (reason: string) => {
      clearTimeout(timer);
      if (said) return resolve(said);
      if (isKilled) return resolve({ kind: 'killed' });
      const { code, message: error } = new AppError('TRAINING_FAILED', { reason });
      resolve({ kind: 'failed', code, error, lastWords: words.trim() });
    };
    let reason: string | undefined;
    // Its last words may come after its end.
    const endOnceHeard = () => {
      if (reason !== undefined && !child.connected) end(reason);
    };
    child.once('close', (status, signal) => {
      reason = signal === null ? `exit status ${status}` : inWords(signal);
      endOnceHeard();
    });
    child.once('disconnect', endOnceHeard);
    // A process that could not be started never ends.
    child.on('error', ({ message }) => {
      if (child.pid === undefined) end(message);
    });
  });

  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-MOST_WORDS);
  });
  child.on('message', (message) => {
    const told = message as FromTraining;
    if (told.kind !== 'outcome' && told.kind !== 'failed') return onEvent(told);
    said = told;
    killAfter(EXIT_MS);
  });
  send({ kind: 'begin', order });
  return {
    ended,
    stop: () => {
      send({ kind: 'stop' });
      if (!said) killAfter(STOP_MS);
    },
    kill,
  };
}

/** Linux ends the largest process so when memory is short. */
const inWords = (signal: NodeJS.Signals) =>
  signal === 'SIGKILL' ? 'SIGKILL; the machine may have had too little memory' : signal;
