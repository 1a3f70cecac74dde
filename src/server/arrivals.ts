/** The pictures of one request, each classified as soon as it is there, while the next ones arrive. */
import type { FastifyRequest } from 'fastify';
import type { Place } from '../classification/admission.js';
import type { Classification } from '../classification/classification.js';
import { AppError, toAppError } from '../errors.js';
import { type Gathered, readForm, type Sink, type UploadLimits } from './upload.js';

export type Outcome = Classification | AppError;

export interface ArrivalOptions {
  /** The first picture's, taken before the body was read. */
  readonly first: Place;
  /** Another picture's. @throws AppError QUEUE_FULL */
  readonly admit: () => Place;
  readonly gather: (place: Place) => Gathered;
  readonly classify: (image: Gathered, place: Place) => Promise<Classification>;
  readonly limits: UploadLimits;
}

/**
 * The files of the field `image` in their order, each with its answer or why it has none.
 * @throws AppError REQUEST_INVALID, REQUEST_TOO_LARGE, ABORTED for the request as a whole
 */
export async function classifyForm(request: FastifyRequest, options: ArrivalOptions): Promise<Outcome[]> {
  const { limits } = options;
  const arrivals: Arrival[] = [];
  try {
    await readForm(request, limits, (field) => {
      if (field !== 'image') return undefined;
      if (arrivals.length === limits.pictures) throw tooMany(limits.pictures);
      const admit = arrivals.length === 0 ? () => options.first : options.admit;
      const arrival = expect(admit, options);
      arrivals.push(arrival);
      return arrival;
    });
    return await Promise.all(arrivals.map(({ outcome }) => outcome));
  } finally {
    for (const { leave } of arrivals) leave();
  }
}

function tooMany(most: number): AppError {
  const remedy = `Send at most ${most} at once`;
  return new AppError('REQUEST_TOO_LARGE', { actual: 'more', limit: `${most} pictures`, remedy });
}

interface Arrival extends Sink {
  /** Never rejects. */
  readonly outcome: Promise<Outcome>;
  readonly leave: () => void;
}

function expect(admit: () => Place, { classify, gather }: ArrivalOptions): Arrival {
  let settle: (outcome: Outcome) => void = () => undefined;
  const outcome = new Promise<Outcome>((resolve) => {
    settle = resolve;
  });
  let place: Place | undefined;
  let image: Gathered | undefined;
  const leave = () => place?.leave();

  /** The rest of a picture that is refused is read to no purpose. */
  function refusing(work: () => void): void {
    try {
      work();
    } catch (error) {
      image = undefined;
      leave();
      settle(toAppError(error));
    }
  }

  refusing(() => {
    place = admit();
    image = gather(place);
  });
  return {
    outcome,
    leave,
    take: (chunk) => refusing(() => image?.take(chunk)),
    end: () => {
      if (!image || !place) return;
      const whole = image;
      // From its answer on nothing holds its bytes, however long the other pictures take to arrive.
      image = undefined;
      classify(whole, place)
        .catch(toAppError)
        .then((result) => {
          leave();
          settle(result);
        });
    },
  };
}
