/** Data sets as a whole: `/api/v1/datasets`, and one of them. */
import type { FastifyInstance } from 'fastify';
import type { InferOutput } from 'valibot';
import type { KeptDatasets } from '../../../dataset/kept/datasets.js';
import type { AnswerOf } from '../../contract.js';
import { nothing } from '../../job-contract.js';
import { withJsonBody } from '../../json-body.js';
import { datasetAnswer, datasetBody, datasetParams, datasetSummary, datasetsAnswer } from '../../training-contract.js';
import { CHANGED, FOUND, manager, type OfDataset, tags } from './shared.js';

export async function wholeDatasetRoutes(app: FastifyInstance, datasets: KeptDatasets): Promise<void> {
  app.get<{ Reply: AnswerOf<typeof datasetsAnswer> }>(
    '/api/v1/datasets',
    {
      config: { ...manager, errors: ['MANAGEMENT_REFUSED'] },
      schema: {
        operationId: 'listDatasets',
        summary: 'All data sets.',
        tags,
        response: { 200: datasetsAnswer },
      },
    },
    async () => ({ datasets: (await datasets.list()).map(withTime) }),
  );

  await withJsonBody(app, (managed) => {
    managed.post<{ Body: InferOutput<typeof datasetBody>; Reply: AnswerOf<typeof datasetSummary> }>(
      '/api/v1/datasets',
      {
        config: {
          ...manager,
          errors: ['DATASET_EXISTS', 'DATASET_FULL', 'DISK_FULL', 'MANAGEMENT_REFUSED', 'ORIGIN_REFUSED'],
        },
        schema: {
          operationId: 'createDataset',
          summary: 'Makes a data set, which has no classes yet.',
          tags,
          body: datasetBody,
          response: { 201: datasetSummary },
        },
      },
      async ({ body }, reply) => {
        const made = await datasets.create(body.name);
        reply.code(201).header('Location', `/api/v1/datasets/${made.name}`);
        return withTime(made);
      },
    );
  });

  app.get<OfDataset & { Reply: AnswerOf<typeof datasetAnswer> }>(
    '/api/v1/datasets/:name',
    {
      config: { ...manager, errors: FOUND },
      schema: {
        operationId: 'showDataset',
        summary: 'One data set: its classes, and how many pictures each has.',
        tags,
        params: datasetParams,
        response: { 200: datasetAnswer },
      },
    },
    async ({ params }) => withTime(await datasets.show(params.name)),
  );

  app.delete<OfDataset>(
    '/api/v1/datasets/:name',
    {
      config: { ...manager, errors: CHANGED },
      schema: {
        operationId: 'deleteDataset',
        summary: 'Deletes a data set with all its pictures. Models that have learned them stay.',
        tags,
        params: datasetParams,
        response: { 204: nothing },
      },
    },
    async ({ params }, reply) => {
      await datasets.remove(params.name);
      return reply.code(204).send();
    },
  );
}

const withTime = <Found extends { readonly modified: Date }>({ modified, ...found }: Found) => ({
  ...found,
  modified: modified.toISOString(),
});
