/** `POST /api/v1/classify`: the whole answer for one picture, or for several. */
import type { FastifyInstance } from 'fastify';
import type { InferOutput } from 'valibot';
import type { Classification } from '../../classification/classification.js';
import { AppError } from '../../errors.js';
import type { Outcome } from '../arrivals.js';
import { type AnswerOf, classifyAnswer, classifyQuery } from '../contract.js';
import { job } from '../job-contract.js';
import { ACCEPT_ERRORS, type AcceptJob, acceptFew, FEW_HEADERS, prefersJob } from '../jobs/accept.js';
import { nameModel } from '../model-header.js';
import { formOrPicture, PICTURE_ERRORS } from '../openapi.js';
import { MOST_PICTURES, type PictureDependencies, refusePicture, withPictures } from '../pictures.js';

interface Route {
  readonly Querystring: InferOutput<typeof classifyQuery>;
  readonly Reply: AnswerOf<typeof classifyAnswer> | AnswerOf<typeof job>;
}

export interface ClassifyDependencies extends PictureDependencies {
  readonly acceptJob: AcceptJob;
}

export function classifyRoute(app: FastifyInstance, dependencies: ClassifyDependencies): void {
  const { serving, metrics, acceptJob } = dependencies;
  const options = {
    config: {
      requestBody: formOrPicture(MOST_PICTURES),
      headers: FEW_HEADERS,
      namesModel: true,
      errors: [...PICTURE_ERRORS, ...ACCEPT_ERRORS],
    },
    schema: {
      operationId: 'classify',
      summary: 'What pictures show.',
      description: `The whole answer for one picture; for several (up to ${MOST_PICTURES} in one form) an array in their order, in which one that failed has its error in its place. With the header \`Prefer: respond-async\` the answer is a job, at once.`,
      tags: ['Classify'],
      querystring: classifyQuery,
      response: { 200: classifyAnswer, 202: job },
    },
  };
  app.post<Route>('/api/v1/classify', options, async (request, reply) => {
    const { top, lang, threshold, model, precision } = request.query;
    if (prefersJob(request)) {
      const { settings } = serving;
      return acceptFew(acceptJob, request, reply, { options: request.query, pictures: MOST_PICTURES, settings });
    }
    const outcomes = await withPictures(request, reply, dependencies, (read, signal) =>
      serving.use(
        { model, precision },
        async (classifier) => {
          const outcomes = await read(async (bytes, place, signal) => {
            const result = await classifier.classify(bytes, { top, lang, threshold, place, signal });
            metrics.classified(result);
            return result;
          });
          const answered = outcomes.find((outcome) => !(outcome instanceof AppError)) as Classification | undefined;
          nameModel(reply, answered?.model ?? classifier.model());
          return outcomes;
        },
        signal,
      ),
    );
    return answerOf(outcomes);
  });

  /** One outcome stands for the request; of several each stands for itself. */
  function answerOf(outcomes: readonly Outcome<Classification>[]): AnswerOf<typeof classifyAnswer> {
    const [first, ...others] = outcomes;
    if (!first) throw new AppError('IMAGE_MISSING', {});
    const refuse = (error: AppError) => refusePicture(error, 'POST /api/v1/classify', dependencies);
    if (others.length > 0) return outcomes.map((outcome) => (outcome instanceof AppError ? refuse(outcome) : outcome));
    if (first instanceof AppError) throw first;
    return first;
  }
}
