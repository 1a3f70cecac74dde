/** The picture of a form: how large it will be, and its bytes, counted as they arrive. */
import type { FastifyRequest } from 'fastify';
import type { Place } from '../classification/admission.js';
import { AppError } from '../errors.js';
import { tooManyBytes } from '../image/limits.js';

const MOST_PARTS = 20;

/** Only files are of use, and their bytes are counted below; a text is cut. */
export const formLimits = { parts: MOST_PARTS, fieldSize: 16_384, fileSize: Number.POSITIVE_INFINITY };

/** What a form may have beside its picture: boundaries, headers, other fields. */
const BESIDE_PICTURE = 65_536;

/**
 * The bytes of the whole form; 0 if it does not say.
 * @throws AppError IMAGE_MISSING, IMAGE_TOO_LARGE
 */
export function expectedBytes(request: FastifyRequest, maxBytes: number): number {
  if (!request.isMultipart()) throw new AppError('IMAGE_MISSING', {});
  const bytes = Number(request.headers['content-length'] ?? 0);
  if (bytes > maxBytes + BESIDE_PICTURE) throw tooManyBytes(bytes, maxBytes);
  return bytes;
}

/**
 * The first file of the field `image`. Other fields are skipped, but all files together may not be larger than one.
 * @throws AppError IMAGE_MISSING, IMAGE_TOO_LARGE, QUEUE_FULL, REQUEST_INVALID
 */
export async function readImage(request: FastifyRequest, place: Place, maxBytes: number): Promise<Buffer> {
  let received = 0;
  const count = (bytes: number) => {
    received += bytes;
    if (received > maxBytes) throw tooManyBytes(received, maxBytes);
    place.grow(received);
  };
  try {
    const image = await imageOf(request, count);
    if (!image) throw new AppError('IMAGE_MISSING', {});
    return image;
  } catch (error) {
    throw error instanceof AppError ? error : unreadable(error as NodeJS.ErrnoException);
  } finally {
    // What is left is read to no purpose: only then does a client that is still sending come to read its answer.
    request.raw.unpipe();
    request.raw.resume();
  }
}

/** Reads the form to its end. `count` may throw, which ends the reading. */
async function imageOf(request: FastifyRequest, count: (bytes: number) => void): Promise<Buffer | undefined> {
  let image: Buffer | undefined;
  for await (const part of request.parts()) {
    if (part.type !== 'file') continue;
    const wanted = part.fieldname === 'image' && !image;
    const chunks: Buffer[] = [];
    for await (const chunk of part.file) {
      count(chunk.length);
      if (wanted) chunks.push(chunk);
    }
    if (wanted) image = Buffer.concat(chunks);
  }
  return image;
}

function unreadable({ code, message }: NodeJS.ErrnoException): AppError {
  const reason = code === 'FST_PARTS_LIMIT' ? `it has more than ${MOST_PARTS} fields` : message;
  return new AppError('REQUEST_INVALID', {
    problem: `Expected a form with a picture, but it cannot be read (${reason}). Send one picture as the multipart field "image".`,
  });
}
