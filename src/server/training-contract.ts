/** What goes in and out under `/api/v1/datasets` and `/api/v1/trainings`, in the same way as `contract.ts`. */
import * as v from 'valibot';
import { MOST_LABEL } from '../dataset/kept/datasets.js';
import { LANGUAGES } from '../labels/label-set.js';
import {
  comparison,
  curvePoint,
  finding,
  progress,
  TRAINING_STATES,
  trainingOptions,
  trainingResult,
  trainingSource,
} from '../training/runs/training-record.js';
import { MOST_VIEWS } from '../training/training.js';
import { described, index, modelName, refusal } from './contract.js';
import { numberFrom } from './job-contract.js';

const time = v.pipe(v.string(), v.isoTimestamp());
const labelWords = `a label of 1 to ${MOST_LABEL} characters, not spaces alone`;
const label = v.pipe(
  v.string(labelWords),
  v.minLength(1, labelWords),
  v.maxLength(MOST_LABEL, labelWords),
  v.regex(/\S/, labelWords),
);
const chinese = described(v.optional(label), 'Its Chinese name; the label, if none is given.');

const datasetName = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'the name of a data set (lower-case letters, digits, ".", "_", "-")'),
);
const pictureId = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'the id of a picture (64 hexadecimal digits)'));

const placeWords = 'what a page says as `next`';
const place = v.pipe(v.string(), v.regex(/^\d{1,15}$/, placeWords), v.transform(Number), v.number());

export const datasetBody = v.strictObject({ name: datasetName });
export const datasetParams = v.object({ name: datasetName });
export const datasetPictureParams = v.object({ name: datasetName, id: pictureId });
export const classBody = v.strictObject({ label, zh: chinese });
export const classChange = v.strictObject({
  label: described(label, 'As it is now.'),
  newLabel: v.optional(label),
  zh: v.optional(label),
});
export const labelQuery = v.strictObject({ label: described(label, 'Of a class of the data set.') });
export const pictureChange = v.strictObject({ label: described(label, 'Of the class that it is to be in.') });

export const datasetPicturesQuery = v.strictObject({
  label: described(v.optional(label), 'Only pictures of this class.'),
  after: described(v.optional(place), 'What the page before says as `next`.'),
  limit: described(v.optional(numberFrom(1, 1000), '100'), 'Pictures in one page.'),
});

export const datasetSummary = v.object({
  name: v.string(),
  classes: described(index, 'How many there are.'),
  pictures: described(index, 'How many there are.'),
  bytes: described(index, 'Of all pictures.'),
  modified: time,
});
export const datasetsAnswer = v.object({ datasets: described(v.array(datasetSummary), 'By their names.') });

export const ownClass = v.object({
  label: v.string(),
  zh: described(v.string(), 'Its Chinese name; the label, if it was given none.'),
  pictures: described(index, 'How many it has.'),
});
export const datasetAnswer = v.object({
  ...datasetSummary.entries,
  classes: described(v.array(ownClass), 'In the order in which they were made.'),
});

export const datasetPicture = v.object({
  id: described(v.string(), 'The SHA-256 of its bytes.'),
  label: v.string(),
  name: described(v.string(), 'As it was sent.'),
  bytes: index,
});
export const datasetPicturesAnswer = v.object({
  pictures: described(v.array(datasetPicture), 'The oldest first.'),
  next: described(v.nullable(v.string()), 'What to give as `after` for the next page; null if there is none.'),
});

export const addedAnswer = v.object({
  added: described(v.array(v.string()), 'Ids of the pictures that are in the class now.'),
  repeated: described(index, 'Pictures that the data set had already; they stay in their classes.'),
  failed: v.array(v.object({ name: v.string(), code: refusal.entries.code, error: refusal.entries.error })),
});

const whole = (least: number, most: number) => {
  const words = `a whole number from ${least} to ${most}`;
  return v.pipe(v.number(words), v.integer(words), v.minValue(least, words), v.maxValue(most, words));
};
const shareWords = 'a number from 0 to 0.9';

export const trainingBody = v.pipe(
  v.strictObject({
    dataset: described(v.optional(datasetName), 'The data set to learn.'),
    fromCorrections: described(v.optional(v.boolean()), 'Learns what people have corrected, in place of a data set.'),
    output: described(
      v.optional(modelName),
      'What the new model is called, with its version if it is not to be the next one; the name of the data set if not given.',
    ),
    model: described(v.optional(modelName), 'The model to begin with.'),
    unfreeze: described(v.optional(whole(0, 100)), "How many of the network's last stages are trained too."),
    epochs: described(v.optional(whole(1, 1000)), 'Passes through the pictures, where stages are trained.'),
    augment: described(v.optional(whole(0, MOST_VIEWS)), 'Changed views of each picture to train with.'),
    seed: v.optional(whole(0, 2 ** 32 - 1)),
    validation: described(
      v.optional(v.pipe(v.number(shareWords), v.minValue(0, shareWords), v.maxValue(0.9, shareWords))),
      'Share of the pictures that are held out.',
    ),
    int8: described(
      v.optional(v.picklist(['auto', 'always', 'never'], 'auto, always or never')),
      'Whether there is an 8-bit version too; auto keeps it where it is faster and agrees.',
    ),
  }),
  v.check(
    ({ dataset, fromCorrections = false }) => (dataset === undefined) === fromCorrections,
    'one with either `dataset` or `fromCorrections`',
  ),
  v.check(
    ({ fromCorrections = false, unfreeze, epochs, validation }) =>
      !fromCorrections || [unfreeze, epochs, validation].every((one) => one === undefined),
    'one without `unfreeze`, `epochs` and `validation`, which mean nothing where it learns from corrections',
  ),
);

export const trainingParams = v.object({ id: v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/, 'the id of a training')) });

export const reportQuery = v.strictObject({
  lang: described(v.optional(v.picklist(LANGUAGES, 'en or zh')), 'Its language; the setting `lang` if not given.'),
});

/** One training, with what has come of it so far. */
export const training = v.object({
  id: v.string(),
  state: v.picklist(TRAINING_STATES),
  created: time,
  started: described(v.nullable(time), 'Null while it waits for the first time.'),
  ended: v.nullable(time),
  interrupted: described(v.boolean(), 'Whether it was stopped because the service ended; it can be resumed.'),
  source: trainingSource,
  options: trainingOptions,
  progress: described(v.nullable(progress), 'Null unless it runs.'),
  curve: v.array(curvePoint),
  findings: described(v.array(finding), 'What the data set was found to have; none of it stops a training.'),
  result: described(v.nullable(trainingResult), 'What was installed; null if nothing was, yet.'),
  comparison: described(
    v.nullable(comparison),
    'Of the new model with the present one, where it was trained from corrections.',
  ),
  error: described(v.nullable(refusal), 'Why it failed.'),
});

/** The same in a list, without what is many: its curve, its findings, and the figures of each class. */
export const trainingSummary = v.object({
  ...v.omit(training, ['curve', 'findings']).entries,
  result: described(
    v.nullable(
      v.object({ ...trainingResult.entries, validation: v.omit(trainingResult.entries.validation, ['perClass']) }),
    ),
    'What was installed; null if nothing was, yet.',
  ),
});

export const trainingsAnswer = v.object({ trainings: described(v.array(trainingSummary), 'The newest first.') });

/** One of a stream, as those who read such streams see it. */
export const trainingEvent = v.object({
  event: v.picklist(['training', 'progress', 'point', 'finding', 'end']),
  id: v.optional(v.string()),
  data: described(v.string(), 'JSON: the training, how far it is, a point of its curve, or a finding.'),
});
