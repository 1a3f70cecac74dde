/** The service's log: a line for each event on stderr, as JSON for programs or as text for people. Pictures leave no trace in it. */
import pino, { type Logger } from 'pino';
import type { Settings } from './config.js';

export type { Logger } from 'pino';

/** A log that nobody reads must not fill the memory: what is over this is dropped. */
const MOST_BUFFERED_BYTES = 1_000_000;

export interface LoggerOptions {
  readonly level: Settings['logLevel'];
  readonly format: 'text' | 'json';
}

export function createLogger({ level, format }: LoggerOptions): Logger {
  const stderr = openStderr();
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (name: string) => ({ level: name }) },
  };
  return pino(options, {
    write: (line: string) => stderr.write(format === 'json' ? line : `${inWords(JSON.parse(line) as Line)}\n`),
  });
}

/** Under load lines are written together, which costs less; none waits longer. */
const WRITE_TOGETHER = { bytes: 4096, ms: 100 };

/** After this nothing waits for a reader that does not read, not even the end of the process. */
const PATIENCE_MS = 1_000;

/** Written in the background, so that a reader that is slow does not stop the service. */
function openStderr() {
  let waitingSince: number | undefined;
  let willFlush = false;
  const stderr = pino.destination({
    ...{ dest: 2, sync: false, minLength: WRITE_TOGETHER.bytes, maxLength: MOST_BUFFERED_BYTES },
    retryEAGAIN: () => {
      waitingSince ??= performance.now();
      return performance.now() - waitingSince < PATIENCE_MS;
    },
  });
  stderr.on('write', () => {
    waitingSince = undefined;
  });
  // What cannot be told there cannot be told anywhere.
  stderr.on('error', () => undefined);
  // Pino calls this when the process exits.
  const flushSync = stderr.flushSync.bind(stderr);
  stderr.flushSync = () => {
    try {
      flushSync();
    } catch {
      // Nobody reads it.
    }
  };
  return {
    write: (line: string) => {
      stderr.write(line);
      if (willFlush) return;
      willFlush = true;
      setTimeout(() => {
        willFlush = false;
        stderr.flush();
      }, WRITE_TOGETHER.ms).unref();
    },
  };
}

interface Line {
  readonly level: string;
  readonly time: string;
  readonly msg?: string;
  readonly [field: string]: unknown;
}

/** `22:18:03 POST /predict 200 12.3 ms`. A message of several lines stays on one. */
function inWords({ level, time, msg = '', method, route, status, ms, code, reason }: Line): string {
  const took = ms === undefined ? '' : `${ms} ms`;
  const parts = [
    time.slice(11, 19),
    level === 'info' ? '' : `${level}:`,
    msg,
    method,
    route,
    status,
    took,
    code,
    reason,
  ];
  return parts
    .filter((part) => part !== undefined && part !== '')
    .join(' ')
    .replace(/\s*\n\s*/g, ' ');
}
