/** The parser of forms, and what is said of one that cannot be read. */
import { Busboy, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../errors.js';

/** Fields that a form may have beside its pictures. */
const OTHER_PARTS = 20;

/** For a form with at most so many pictures. @throws AppError REQUEST_INVALID */
export function formParser({ raw }: FastifyRequest, pictures: number): BusboyInstance {
  try {
    // Files are counted as they come; of a text nobody reads more than its name.
    const limits = { parts: OTHER_PARTS + pictures, fieldSize: 1024, headerPairs: 50 };
    // A name is what the sender says, and opens no file here.
    return new Busboy({ headers: raw.headers as BusboyHeaders, limits, preservePath: true });
  } catch (error) {
    throw unreadableForm((error as Error).message);
  }
}

export function unreadableForm(reason: string): AppError {
  return new AppError('REQUEST_INVALID', {
    problem: `Expected a form with a picture, but it cannot be read (${reason}). Send the picture as the multipart field "image".`,
  });
}

export const tooManyParts = (pictures: number): AppError =>
  unreadableForm(`it has more than ${OTHER_PARTS + pictures} fields`);

/** Of one request, which may have at most so many. */
export function tooManyPictures(most: number): AppError {
  const remedy = `Send at most ${most === 1 ? 'one' : most} at once`;
  return new AppError('REQUEST_TOO_LARGE', {
    actual: 'more',
    limit: most === 1 ? 'one picture' : `${most} pictures`,
    remedy,
  });
}
