/** Expectations about Kaiyan's own errors. */
import assert from 'node:assert/strict';
import { AppError, type ErrorCode } from '#kaiyan/errors.js';

/** For `assert.rejects` and `assert.throws`: an AppError with this code, whose sentence has each of the words. */
export const appError =
  (code: ErrorCode, ...words: readonly string[]) =>
  (thrown: unknown): boolean => {
    if (!(thrown instanceof AppError)) throw thrown;
    if (thrown.code !== code) throw new Error(`expected ${code}, got ${thrown.code}: ${thrown.message}`);
    const missing = words.find((word) => !thrown.message.includes(word));
    if (missing !== undefined) throw new Error(`expected "${missing}" in "${thrown.message}"`);
    return true;
  };

/** What a promise rejects with. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('expected a rejection');
}

/** That a promise rejects with an AppError of this code. */
export async function rejectsWith(promise: Promise<unknown>, code: ErrorCode): Promise<void> {
  await assert.rejects(promise, appError(code));
}
