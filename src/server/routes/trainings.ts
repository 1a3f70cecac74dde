/** `/api/v1/trainings`: models of people's own classes. */
import { createReadStream } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import type { InferOutput } from 'valibot';
import { AppError } from '../../errors.js';
import { isFile } from '../../folders.js';
import { referenceOf } from '../../models/reference.js';
import type { Serving } from '../../serving/serving.js';
import { correctedName } from '../../training/improving/corrected-name.js';
import type { TrainingRecord } from '../../training/runs/training-record.js';
import type { Trainings } from '../../training/runs/trainings.js';
import { TRAINING_DEFAULTS } from '../../training/training.js';
import type { AnswerOf } from '../contract.js';
import { nothing, text } from '../job-contract.js';
import { sendStream, streamSignal } from '../jobs/streams.js';
import { withJsonBody } from '../json-body.js';
import { notFound } from '../refusals.js';
import { headerOf } from '../request-headers.js';
import {
  reportQuery,
  training,
  trainingBody,
  trainingEvent,
  trainingParams,
  trainingsAnswer,
} from '../training-contract.js';
import { hasHeardEnd, trainingEvents } from '../trainings/events.js';
import { summarizeTraining, viewTraining } from '../trainings/views.js';

export interface TrainingRoutesDependencies {
  readonly trainings: Trainings;
  readonly serving: Pick<Serving, 'active' | 'registry' | 'settings'>;
  /** Aborted when the service ends. */
  readonly closing: AbortSignal;
}

interface OfTraining {
  readonly Params: InferOutput<typeof trainingParams>;
}

interface OneTraining extends OfTraining {
  readonly Reply: AnswerOf<typeof training>;
}

const tags = ['Trainings'];
const FOUND = ['TRAINING_NOT_FOUND', 'MANAGEMENT_REFUSED'] as const;
const CHANGED = [...FOUND, 'ORIGIN_REFUSED', 'DISK_FULL'] as const;
const manager = { access: 'manager' } as const;

export async function trainingRoutes(
  app: FastifyInstance,
  { trainings, serving, closing }: TrainingRoutesDependencies,
): Promise<void> {
  const { registry, settings } = serving;

  await withJsonBody(app, (managed) => {
    managed.post<{ Body: InferOutput<typeof trainingBody>; Reply: AnswerOf<typeof training> }>(
      '/api/v1/trainings',
      {
        config: {
          ...manager,
          errors: [
            ...CHANGED,
            ...(['TRAININGS_FULL', 'DATASET_NOT_FOUND', 'FILE_UNREADABLE', 'MODEL_NOT_FOUND', 'MODEL_EXISTS'] as const),
          ],
        },
        schema: {
          operationId: 'createTraining',
          summary: 'Trains a model of your own classes, in the background.',
          description: 'One trains at a time, and yields to pictures that are to be answered; others wait.',
          tags,
          body: trainingBody,
          response: { 202: training },
        },
      },
      async ({ body }, reply) => {
        const options = optionsOf(body, referenceOf(serving.active()));
        await registry.locate(options.model);
        await requireFree(options.output);
        const made = await trainings.add({ dataset: body.dataset, options });
        reply.code(202).header('Location', `/api/v1/trainings/${made.record.id}`);
        return viewTraining(made);
      },
    );
  });

  /** A version that is installed already would be refused when all is done. */
  async function requireFree(output: string): Promise<void> {
    const isThere = output.includes('@') && (await registry.locate(output).catch(() => undefined)) !== undefined;
    if (isThere) throw new AppError('MODEL_EXISTS', { reference: output });
  }

  app.get<{ Reply: AnswerOf<typeof trainingsAnswer> }>(
    '/api/v1/trainings',
    {
      config: { ...manager, errors: ['MANAGEMENT_REFUSED'] },
      schema: {
        operationId: 'listTrainings',
        summary: 'All trainings, the newest first, without their curves and findings.',
        tags,
        response: { 200: trainingsAnswer },
      },
    },
    async () => ({ trainings: (await trainings.list()).map(summarizeTraining) }),
  );

  app.get<OneTraining>(
    '/api/v1/trainings/:id',
    {
      config: { ...manager, errors: FOUND },
      schema: {
        operationId: 'showTraining',
        summary: 'One training: how far it is, and what has come of it.',
        tags,
        params: trainingParams,
        response: { 200: training },
      },
    },
    async ({ params }) => viewTraining(await trainings.get(params.id)),
  );

  const changes = {
    stop: { summary: 'Ends a training, which keeps the best that it has so far.', errors: CHANGED },
    resume: {
      summary: 'Goes on with a training that was stopped or has failed.',
      errors: [...CHANGED, 'TRAINING_NOT_RESUMABLE', 'TRAININGS_FULL'],
    },
  } as const;
  for (const name of ['stop', 'resume'] as const) {
    const { summary, errors } = changes[name];
    app.post<OneTraining>(
      `/api/v1/trainings/:id/${name}`,
      {
        config: { ...manager, errors },
        schema: { operationId: `${name}Training`, summary, tags, params: trainingParams, response: { 202: training } },
      },
      async ({ params }, reply) => {
        reply.code(202);
        return viewTraining(await trainings[name](params.id));
      },
    );
  }

  app.delete<OfTraining>(
    '/api/v1/trainings/:id',
    {
      config: { ...manager, errors: CHANGED },
      schema: {
        operationId: 'deleteTraining',
        summary: 'Deletes a training with its report, and ends it if it runs. Its model stays.',
        tags,
        params: trainingParams,
        response: { 204: nothing },
      },
    },
    async ({ params }, reply) => {
      await trainings.remove(params.id);
      return reply.code(204).send();
    },
  );

  app.get<OfTraining & { Querystring: InferOutput<typeof reportQuery> }>(
    '/api/v1/trainings/:id/report',
    {
      config: { ...manager, errors: [...FOUND, 'NOT_FOUND'], produces: 'text/html', streams: true },
      schema: {
        operationId: 'showTrainingReport',
        summary: 'How good the new model is, on pictures that it has not seen, as a page.',
        tags,
        params: trainingParams,
        querystring: reportQuery,
        response: { 200: text },
      },
    },
    async (request, reply) => {
      const file = await trainings.reportOf(request.params.id, request.query.lang ?? settings.lang);
      if (!(await isFile(file))) throw notFound(request);
      // Whoever never asks for one starts without what writes it.
      const { REPORT_POLICY } = await import('../../evaluation/report/report.js');
      const policy = `${REPORT_POLICY}; frame-ancestors 'none'`;
      reply.headers({ 'Content-Security-Policy': policy, 'Cache-Control': 'no-store' });
      return reply.type('text/html; charset=utf-8').send(createReadStream(file));
    },
  );

  app.get<OfTraining>(
    '/api/v1/trainings/:id/events',
    {
      config: { ...manager, errors: FOUND, headers: ['Last-Event-ID'], produces: 'text/event-stream', streams: true },
      schema: {
        operationId: 'followTraining',
        summary: 'What happens in a training, as server-sent events.',
        description:
          'First an event `training`, and one whenever its state changes; between them `progress`, `point` and `finding`. After the last `training` comes `end`; a client that comes back with its id is answered with 204, and need not come again.',
        tags,
        params: trainingParams,
        response: { 200: trainingEvent, 204: nothing },
      },
    },
    async (request, reply) => {
      if (closing.aborted) throw new AppError('CLOSED', {});
      const { id } = request.params;
      const found = await trainings.get(id);
      if (hasHeardEnd(headerOf(request, 'Last-Event-ID'), found)) return reply.code(204).send();
      reply.headers({ 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' });
      const signal = streamSignal(reply, closing);
      return sendStream(request, reply, 'text/event-stream', trainingEvents({ trainings, id, signal }));
    },
  );
}

type Asked = InferOutput<typeof trainingBody>;

/** Without a data set it is about the model that answers, whose last layer alone is learned anew. */
function optionsOf({ dataset, fromCorrections, output, ...given }: Asked, active: string): TrainingRecord['options'] {
  const { resume, ...defaults } = TRAINING_DEFAULTS;
  const chosen = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  if (dataset !== undefined) return { ...defaults, ...chosen, output: output ?? dataset };
  const model = given.model ?? active;
  const unused = { unfreeze: 0, epochs: 0, validation: 0 };
  return { ...defaults, ...chosen, ...unused, model, output: output ?? correctedName(model) };
}
