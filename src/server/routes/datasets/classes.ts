/** Classes of a data set: `/api/v1/datasets/{name}/classes`. */
import type { FastifyInstance } from 'fastify';
import type { InferOutput } from 'valibot';
import type { KeptDatasets } from '../../../dataset/kept/datasets.js';
import type { AnswerOf } from '../../contract.js';
import { nothing } from '../../job-contract.js';
import { withJsonBody } from '../../json-body.js';
import { classBody, classChange, datasetParams, labelQuery, ownClass } from '../../training-contract.js';
import { CHANGED, manager, type OfDataset, tags } from './shared.js';

const URL = '/api/v1/datasets/:name/classes';

interface OneClass extends OfDataset {
  readonly Reply: AnswerOf<typeof ownClass>;
}

export async function classRoutes(app: FastifyInstance, datasets: KeptDatasets): Promise<void> {
  await withJsonBody(app, (managed) => {
    managed.post<OneClass & { Body: InferOutput<typeof classBody> }>(
      URL,
      {
        config: { ...manager, errors: [...CHANGED, 'CLASS_EXISTS', 'DATASET_FULL'] },
        schema: {
          operationId: 'addClass',
          summary: 'Adds a class.',
          tags,
          params: datasetParams,
          body: classBody,
          response: { 201: ownClass },
        },
      },
      async ({ params, body }, reply) => {
        reply.code(201);
        return datasets.addClass(params.name, body.label, body.zh);
      },
    );

    managed.patch<OneClass & { Body: InferOutput<typeof classChange> }>(
      URL,
      {
        config: { ...manager, errors: [...CHANGED, 'CLASS_NOT_FOUND', 'CLASS_EXISTS'] },
        schema: {
          operationId: 'changeClass',
          summary: 'Gives a class another label, or another Chinese name. Its pictures stay in it.',
          tags,
          params: datasetParams,
          body: classChange,
          response: { 200: ownClass },
        },
      },
      async ({ params, body: { label, ...change } }) => datasets.changeClass(params.name, label, change),
    );
  });

  app.delete<OfDataset & { Querystring: InferOutput<typeof labelQuery> }>(
    URL,
    {
      config: { ...manager, errors: [...CHANGED, 'CLASS_NOT_FOUND'] },
      schema: {
        operationId: 'deleteClass',
        summary: 'Deletes a class with its pictures.',
        tags,
        params: datasetParams,
        querystring: labelQuery,
        response: { 204: nothing },
      },
    },
    async ({ params, query }, reply) => {
      await datasets.removeClass(params.name, query.label);
      return reply.code(204).send();
    },
  );
}
