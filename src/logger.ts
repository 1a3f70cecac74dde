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
  // Written in the background, so that a reader that is slow does not stop the service.
  const stderr = pino.destination({ dest: 2, sync: false, maxLength: MOST_BUFFERED_BYTES });
  stderr.on('error', () => undefined);
  process.once('exit', () => stderr.flushSync());
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (name: string) => ({ level: name }) },
  };
  if (format === 'json') return pino(options, stderr);
  return pino(options, { write: (line: string) => stderr.write(`${inWords(JSON.parse(line) as Line)}\n`) });
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
