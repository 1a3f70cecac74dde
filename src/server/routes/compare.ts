/** `POST /api/v1/compare`: the same pictures through several models, side by side. */
import type { FastifyInstance } from 'fastify';
import type { InferOutput } from 'valibot';
import type { Place } from '../../classification/admission.js';
import type { Classification, ModelIdentity } from '../../classification/classification.js';
import type { Classifier, ClassifyOptions } from '../../classification/classifier.js';
import { shareDecoding } from '../../classification/shared-decoding.js';
import { AppError } from '../../errors.js';
import { findDuplicate, type ModelChoice, parseModelChoices } from '../../evaluation/model-choice.js';
import { createTally } from '../../evaluation/tally.js';
import type { Serving } from '../../serving/serving.js';
import type { Outcome } from '../arrivals.js';
import { type AnswerOf, compareAnswer, compareQuery } from '../contract.js';
import { nameModel } from '../model-header.js';
import { formOrPicture, PICTURE_ERRORS } from '../openapi.js';
import { MOST_PICTURES, type PictureDependencies, refusePicture, withPictures } from '../pictures.js';

interface Route {
  readonly Querystring: InferOutput<typeof compareQuery>;
  readonly Reply: AnswerOf<typeof compareAnswer>;
}

interface Compared {
  /** In the order of the models. */
  readonly answers: readonly Classification[];
  readonly agreed: boolean;
}

export function compareRoute(app: FastifyInstance, dependencies: PictureDependencies): void {
  const { serving, metrics } = dependencies;
  const options = {
    config: {
      requestBody: formOrPicture(MOST_PICTURES),
      namesModel: true,
      errors: [...PICTURE_ERRORS, 'TOO_MANY_MODELS'] as const,
    },
    schema: {
      operationId: 'compare',
      summary: 'What several models say about the same pictures.',
      description: `The answers of each model to one picture, or to several (up to ${MOST_PICTURES} in one form), and how often the models agree. \`Kaiyan-Model\` names them all, with commas between them.`,
      tags: ['Classify'],
      querystring: compareQuery,
      response: { 200: compareAnswer },
    },
  };
  app.post<Route>('/api/v1/compare', options, async (request, reply) => {
    const { models, top, lang, threshold } = request.query;
    const choices = parseModelChoices(models);
    await requireRoom(serving, choices);
    return withPictures(request, reply, dependencies, (read, signal) =>
      useAll({ serving, signal }, choices, async (classifiers) => {
        requireDifferent(classifiers);
        const tally = createTally(classifiers.map(({ labels }) => labels));
        const outcomes = await read(async (bytes, place, signal) => {
          const answers = await classifyWithAll(classifiers, bytes, { top, lang, threshold, place, signal });
          answers.forEach(metrics.classified);
          return { answers, agreed: tally.add(answers.map(bestOf)) };
        });
        const pictures = answersOf(outcomes);
        const answered = pictures.find((picture) => 'answers' in picture)?.answers;
        const named = classifiers.map(({ model, fileBytes }, i) => ({
          ...(answered?.[i]?.model ?? model()),
          bytes: fileBytes(),
        }));
        nameModel(reply, ...named);
        return { models: named, pictures, agreement: tally.figures().agreement };
      }),
    );
  });

  /** A picture that came alone fails with the request, as in `/api/v1/classify`; of several each stands for itself. */
  function answersOf(outcomes: readonly Outcome<Compared>[]): Route['Reply']['pictures'] {
    const [first, ...others] = outcomes;
    if (!first) throw new AppError('IMAGE_MISSING', {});
    if (first instanceof AppError && others.length === 0) throw first;
    const refuse = (error: AppError) => refusePicture(error, 'POST /api/v1/compare', dependencies);
    return outcomes.map((outcome) => (outcome instanceof AppError ? refuse(outcome) : outcome));
  }
}

/** Only agreement is asked for here: nobody says what the picture shows, and the models are not alone on the machine. */
const bestOf = ({ predictions: [best], timing }: Classification) => ({
  ranked: best ? [best.index] : [],
  ms: timing.inferenceMs,
  truth: undefined,
});

/** One picture, decoded once. It is answered when all have answered: else the queue would think the machine too fast. */
async function classifyWithAll(
  classifiers: readonly Classifier[],
  bytes: Uint8Array,
  { place, ...options }: ClassifyOptions & { readonly place: Place },
): Promise<Classification[]> {
  const sharing = shareDecoding();
  const shared = { ...options, sharing, place: { ...place, answered: () => undefined } };
  const settled = await Promise.allSettled(classifiers.map(({ classify }) => classify(bytes, shared)));
  sharing.release();
  const answers = settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
  place.answered();
  return answers;
}

/** Each stays loaded until `work` is done. */
function useAll<Result>(
  from: { readonly serving: Serving; readonly signal: AbortSignal },
  [next, ...others]: readonly ModelChoice[],
  work: (classifiers: readonly Classifier[]) => Promise<Result>,
  held: readonly Classifier[] = [],
): Promise<Result> {
  if (!next) return work(held);
  const { reference: model, precision } = next;
  const rest = (classifier: Classifier) => useAll(from, others, work, [...held, classifier]);
  return from.serving.use({ model, precision }, rest, from.signal);
}

/** The active model stays in memory, whether it is compared or not. @throws AppError TOO_MANY_MODELS, MODEL_NOT_FOUND */
async function requireRoom({ registry, settings, active }: Serving, choices: readonly ModelChoice[]): Promise<void> {
  const { name, version, precision } = active();
  const located = await Promise.all(choices.map(({ reference }) => registry.locate(reference)));
  const isActive = choices.some((choice, i) => {
    const found = located[i];
    return found?.name === name && found.version === version && (choice.precision ?? precision) === precision;
  });
  const needed = choices.length + (isActive ? 0 : 1);
  if (needed > settings.loadedModels) throw new AppError('TOO_MANY_MODELS', { needed, limit: settings.loadedModels });
}

/** Two names can mean the same model. @throws AppError REQUEST_INVALID */
function requireDifferent(classifiers: readonly Classifier[]): void {
  const models: readonly ModelIdentity[] = classifiers.map(({ model }) => model());
  const duplicate = findDuplicate(models);
  if (!duplicate) return;
  const problem = `Expected different models, but ${duplicate} is named twice. Name each one once.`;
  throw new AppError('REQUEST_INVALID', { problem });
}
