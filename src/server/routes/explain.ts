/** `POST /api/v1/explain`: where in a picture the answer came from, in numbers or drawn over the picture. */
import type { FastifyInstance } from 'fastify';
import type { InferOutput } from 'valibot';
import { explain } from '../../explanation/explain.js';
import { explainInPicture } from '../../explanation/explain-in-picture.js';
import type { AnswerOf } from '../contract.js';
import { explainAnswer, explainQuery } from '../explain-contract.js';
import { nameModel } from '../model-header.js';
import { formOrPicture, PICTURE_ERRORS } from '../openapi.js';
import { type PictureDependencies, withPicture } from '../pictures.js';

const [TOP, OPACITY] = [5, 0.55];

interface Route {
  readonly Querystring: InferOutput<typeof explainQuery>;
  readonly Reply: AnswerOf<typeof explainAnswer> | Uint8Array;
}

export function explainRoute(app: FastifyInstance, dependencies: PictureDependencies): void {
  const { serving, metrics } = dependencies;
  const options = {
    config: {
      requestBody: formOrPicture(1),
      namesModel: true,
      alsoProduces: 'image/png',
      errors: [...PICTURE_ERRORS, 'CLASS_NOT_FOUND'] as const,
    },
    schema: {
      operationId: 'explain',
      summary: 'Where in a picture the answer came from.',
      description:
        'A grid of numbers over the part of the picture that the network was given, for one class. It is exact for networks that end in a mean over the picture and one linear layer: there the mean of the grid and the bias make the logit. For others 49 places are covered one after the other, which takes as many runs. With `format=png` the upright picture, at most 1024 pixels a side, with the heat over it: black for 0 and less, pale yellow for the largest.',
      tags: ['Classify'],
      querystring: explainQuery,
      response: { 200: explainAnswer },
    },
  };
  app.post<Route>('/api/v1/explain', options, async (request, reply) => {
    const { class: wanted, top = TOP, lang, model, precision, format, opacity = OPACITY } = request.query;
    const asked = { class: wanted, top, ...(lang && { lang }) };
    const { explanation, png } = await withPicture(request, reply, dependencies, (read, signal) =>
      serving.use(
        { model, precision },
        (classifier) =>
          read(async (bytes, place, signal) => {
            const options = { ...asked, place, signal };
            return format === 'png'
              ? explainInPicture(classifier, bytes, { ...options, opacity })
              : { explanation: await explain(classifier, bytes, options), png: undefined };
          }),
        signal,
      ),
    );
    metrics.classified(explanation);
    nameModel(reply, explanation.model);
    if (png === undefined) return explanation;
    return reply.type('image/png').send(png);
  });
}
