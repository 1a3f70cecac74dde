/** The pictures of a form, each answered as soon as it is there, while the next ones arrive. */
import type { FastifyRequest } from 'fastify';
import type { Place } from '../classification/admission.js';
import { type AppError, toAppError } from '../errors.js';
import { tooManyPictures } from './form-parser.js';
import { type Gathered, readForm, type Sink, type UploadLimits } from './upload.js';

export type Outcome<Answer> = Answer | AppError;

export interface ArrivalOptions<Answer> {
  /** The first picture's, taken before the body was read. */
  readonly first: Place;
  /** Another picture's. @throws AppError QUEUE_FULL */
  readonly admit: () => Place;
  readonly gather: (place: Place) => Gathered;
  readonly answer: (image: Gathered, place: Place) => Promise<Answer>;
  readonly limits: UploadLimits;
}

/**
 * The files of the field `image` in their order, each with its answer or why it has none.
 * @throws AppError REQUEST_INVALID, REQUEST_TOO_LARGE, ABORTED for the request as a whole
 */
export async function answerForm<Answer>(
  request: FastifyRequest,
  options: ArrivalOptions<Answer>,
): Promise<Outcome<Answer>[]> {
  const { limits } = options;
  const arrivals: Arrival<Answer>[] = [];
  try {
    await readForm(request, limits, (field) => {
      if (field !== 'image') return undefined;
      if (arrivals.length === limits.pictures) throw tooManyPictures(limits.pictures);
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

interface Arrival<Answer> extends Sink {
  /** Never rejects. */
  readonly outcome: Promise<Outcome<Answer>>;
  readonly leave: () => void;
}

function expect<Answer>(admit: () => Place, { answer, gather }: ArrivalOptions<Answer>): Arrival<Answer> {
  let settle: (outcome: Outcome<Answer>) => void = () => undefined;
  const outcome = new Promise<Outcome<Answer>>((resolve) => {
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
      answer(whole, place)
        .catch(toAppError)
        .then((result) => {
          leave();
          settle(result);
        });
    },
  };
}
