/** The bytes of a request that may take long: they come as fast as they are used, and for as long as some come. */
import type { FastifyRequest } from 'fastify';
import { AppError } from '../../errors.js';

export interface ArrivalLimits {
  /** Seconds in which at least one byte has to come. */
  readonly seconds: number;
  /** Bytes of the whole request. */
  readonly most: number;
  /** What is said of one that has more. */
  readonly tooLarge: () => AppError;
}

/** @throws AppError UPLOAD_TIMEOUT, ABORTED, and `tooLarge` */
export async function* arrivingBytes(
  { raw }: FastifyRequest,
  { seconds, most, tooLarge }: ArrivalLimits,
): AsyncGenerator<Buffer> {
  // The end of the reading is not that of the connection, on which the answer goes.
  const chunks = raw.iterator({ destroyOnReturn: false });
  let received = 0;
  try {
    for (;;) {
      const next = await withinSeconds(seconds, chunks.next());
      if (next.done) break;
      const chunk = next.value as Buffer;
      received += chunk.length;
      if (received > most) throw tooLarge();
      yield chunk;
    }
  } finally {
    // What is left is read to no purpose: only then does a client that is still sending come to read its answer.
    const drop = () => void raw.on('error', () => undefined).resume();
    void chunks.return?.().then(drop, drop);
  }
}

async function withinSeconds<Result>(seconds: number, next: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Result>((resolve, reject) => {
      const late = () => reject(new AppError('UPLOAD_TIMEOUT', { seconds, what: 'more of the request' }));
      timer = setTimeout(late, seconds * 1000);
      next.then(resolve, (cause) => reject(new AppError('ABORTED', {}, { cause })));
    });
  } finally {
    clearTimeout(timer);
  }
}
