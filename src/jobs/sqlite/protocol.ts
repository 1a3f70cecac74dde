/** What the main thread and the thread of the books say to each other. */
import type { ErrorCode } from '../../errors.js';
import type { Books } from './books.js';
import type { Work } from './work.js';

/** What can be asked for. */
export type Operations = Omit<Books, 'purge'> & Pick<Work, 'take' | 'record' | 'giveBack' | 'answers'>;
export type OperationName = keyof Operations;

export interface BooksSetup {
  readonly file: string;
  /** Another one for each process. */
  readonly process: string;
}

export type Request = {
  readonly id: number;
  readonly operation: OperationName | 'leave';
  readonly values: readonly unknown[];
};

export interface Failure {
  readonly code: ErrorCode;
  readonly details: unknown;
}

export type Reply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly failure: Failure }
  /** The file cannot be used: nothing can be asked for. */
  | { readonly closed: Failure }
  /** Jobs in which something has changed that nobody here asked for. */
  | { readonly changed: readonly string[] };
