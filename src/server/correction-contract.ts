/** What goes in and out under `/api/v1/corrections` and `/api/v1/promotions`, in the same way as `contract.ts`. */
import * as v from 'valibot';
import { labelSchema, saidSchema } from '../corrections/correction.js';
import { answeringSchema, promotionSchema } from '../models/promotions.js';
import { classifyQuery, described, index, modelName, share } from './contract.js';
import { numberFrom } from './job-contract.js';

const MOST_CORRECTIONS = 200;
const predictedWords = 'the name of a class, of at most 500 characters';

const correctionId = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'the id of a correction'));
const time = v.pipe(v.string(), v.isoTimestamp());
/** When the last correction of a page was made, and its id: it may be deleted before the next page is asked for. */
const place = v.pipe(v.string(), v.regex(/^[\dTZ:.-]{20,30}_[0-9a-f]{64}$/, 'what a page says as `next`'));

export const correctionQuery = v.strictObject({
  label: described(labelSchema, 'What the picture really shows: a class of the model, or a new one.'),
  predicted: described(
    v.optional(v.pipe(v.string(predictedWords), v.maxLength(500, predictedWords))),
    'The class that the model had named.',
  ),
  probability: described(v.optional(share), 'The probability that it gave that class, 0 to 1.'),
  model: described(classifyQuery.entries.model, 'The model that had answered; the active one if not given.'),
});

export const correctionParams = v.object({ id: correctionId });
export const relabelBody = v.strictObject({ label: labelSchema });

export const correctionsQuery = v.strictObject({
  after: described(v.optional(place), 'What the page before says as `next`.'),
  limit: described(v.optional(numberFrom(1, MOST_CORRECTIONS), '50'), 'Corrections in one page.'),
});

export const keptAnswer = v.object({
  id: described(v.string(), 'The SHA-256 of the picture.'),
  label: v.string(),
  bytes: described(index, 'Size of the picture.'),
  created: time,
});

export const correctionAnswer = v.object({ ...saidSchema.entries, ...keptAnswer.entries });

export const correctionsAnswer = v.object({
  corrections: described(v.array(correctionAnswer), 'The newest first.'),
  next: described(v.nullable(v.string()), 'What to give as `after` for the next page; null if there is none.'),
  total: described(index, 'How many there are in all.'),
  sufficient: described(v.boolean(), 'Whether they are enough to improve a model with.'),
});

const promotion = v.object({
  ...promotionSchema.entries,
  kind: described(
    promotionSchema.entries.kind,
    'A rollback takes a change back; an activation is one by `PUT /api/v1/models/active` or `kaiyan models use`.',
  ),
  training: described(promotionSchema.entries.training, 'The id of the training that the model came from.'),
  by: described(promotionSchema.entries.by, 'Whether this service was told, or the command line.'),
});

export const promotionAnswer = v.object({ promotion });
/** So many changes are listed; the record has more. */
export const MOST_PROMOTIONS = 200;
export const promotionsAnswer = v.object({
  promotions: described(v.array(promotion), `The newest first, at most ${MOST_PROMOTIONS}.`),
  rollback: described(v.nullable(answeringSchema), 'The model that a rollback leads to; null if there is none.'),
});

export const promotionBody = v.strictObject({
  model: modelName,
  training: described(
    v.optional(v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/, 'the id of a training'))),
    'The training that it came from, for the record.',
  ),
});
