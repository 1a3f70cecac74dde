/** `/api/v1/corrections`: what people say that pictures really show, to improve a model with. */
import type { FastifyInstance } from 'fastify';
import type { InferOutput } from 'valibot';
import { startDeadline } from '../../classification/deadline.js';
import { type Correction, LEAST_CORRECTIONS } from '../../corrections/correction.js';
import { type Corrections, createCorrections } from '../../corrections/store.js';
import type { ErrorCode } from '../../errors.js';
import { makeThumbnail } from '../../image/thumbnail.js';
import { referenceOf } from '../../models/reference.js';
import { createSemaphore } from '../../semaphore.js';
import type { Serving } from '../../serving/serving.js';
import { whileWaiting } from '../connection.js';
import type { AnswerOf } from '../contract.js';
import {
  correctionAnswer,
  correctionParams,
  correctionQuery,
  correctionsAnswer,
  correctionsQuery,
  keptAnswer,
  relabelBody,
} from '../correction-contract.js';
import { nothing, text } from '../job-contract.js';
import { withJsonBody } from '../json-body.js';
import { formOrPicture, PICTURE_ERRORS } from '../openapi.js';
import { type PictureDependencies, withPicture } from '../pictures.js';

/** Whole pictures are in memory meanwhile. */
const SHOWN_AT_ONCE = 2;

const tags = ['Corrections'];
const READ: readonly ErrorCode[] = ['MANAGEMENT_REFUSED'];
const FOUND: readonly ErrorCode[] = [...READ, 'CORRECTION_NOT_FOUND'];
const CHANGED: readonly ErrorCode[] = [...FOUND, 'DISK_FULL', 'ORIGIN_REFUSED'];

interface OfCorrection {
  readonly Params: InferOutput<typeof correctionParams>;
}

export async function correctionRoutes(app: FastifyInstance, dependencies: PictureDependencies): Promise<void> {
  const { serving } = dependencies;
  const corrections = createCorrections(serving.settings);
  keepRoute(app, corrections, dependencies);
  readRoutes(app, corrections, serving);
  removeRoutes(app, corrections);
  await withJsonBody(app, (scope) => relabelRoute(scope, corrections));
}

function keepRoute(app: FastifyInstance, corrections: Corrections, dependencies: PictureDependencies): void {
  const { serving } = dependencies;
  const { decode, settings } = serving;
  app.post<{ Querystring: InferOutput<typeof correctionQuery>; Reply: AnswerOf<typeof keptAnswer> }>(
    '/api/v1/corrections',
    {
      config: { requestBody: formOrPicture(1), errors: [...PICTURE_ERRORS, 'CORRECTIONS_FULL', 'DISK_FULL'] },
      schema: {
        operationId: 'correct',
        summary: 'Keeps a picture with what it really shows, to improve the model with.',
        description:
          'The only call by which a picture is kept: on the machine of the service, in its data directory, until somebody deletes it there. The same picture again replaces what was said of it.',
        tags,
        querystring: correctionQuery,
        response: { 201: keptAnswer },
      },
    },
    async (request, reply) => {
      const { label, predicted = null, probability = null, model } = request.query;
      const said = { label, predicted, probability, model: model ?? referenceOf(serving.active()) };
      const { id, bytes, created } = await withPicture(request, reply, dependencies, (read) =>
        read(async (picture, place, caller) => {
          place.arrive();
          const { signal, clear } = startDeadline(settings.deadlineMs, caller);
          // Decoded only to be sure that it is a picture.
          const image = await decode(picture, signal).finally(clear);
          image.release();
          return corrections.keep(picture, said);
        }),
      );
      return reply.code(201).send({ id, label, bytes, created });
    },
  );
}

function readRoutes(app: FastifyInstance, corrections: Corrections, { decode }: Serving): void {
  const showing = createSemaphore(SHOWN_AT_ONCE);

  app.get<{ Querystring: InferOutput<typeof correctionsQuery>; Reply: AnswerOf<typeof correctionsAnswer> }>(
    '/api/v1/corrections',
    {
      config: { access: 'manager', errors: READ },
      schema: {
        operationId: 'listCorrections',
        summary: 'The corrections that are kept, page by page.',
        tags,
        querystring: correctionsQuery,
        response: { 200: correctionsAnswer },
      },
    },
    async ({ query: { after, limit } }) => {
      const all = await corrections.list();
      const rest = after === undefined ? all : all.filter((one) => comesAfter(one, after));
      const page = rest.slice(0, limit);
      const last = page.at(-1);
      const next = last && page.length < rest.length ? placeOf(last) : null;
      return { corrections: page, next, total: all.length, sufficient: all.length >= LEAST_CORRECTIONS };
    },
  );

  app.get<OfCorrection>(
    '/api/v1/corrections/:id/thumbnail',
    {
      config: { access: 'manager', errors: FOUND, produces: 'image/jpeg' },
      schema: {
        operationId: 'showCorrection',
        summary: 'The picture of a correction, made small.',
        tags,
        params: correctionParams,
        response: { 200: text },
      },
    },
    async ({ params }, reply) => {
      const { signal } = whileWaiting(reply);
      const leave = await showing.acquire(1, signal);
      const thumbnail = async () => makeThumbnail(await corrections.picture(params.id), { decode, signal });
      const jpeg = await thumbnail().finally(leave);
      return reply.type('image/jpeg').header('Cache-Control', 'private, max-age=3600').send(jpeg);
    },
  );
}

const placeOf = ({ created, id }: Pick<Correction, 'created' | 'id'>): string => `${created}_${id}`;

/** The newest first, and those of one moment by their ids. */
function comesAfter({ created, id }: Correction, place: string): boolean {
  const [before = '', idBefore = ''] = place.split('_');
  return created < before || (created === before && id > idBefore);
}

function removeRoutes(app: FastifyInstance, corrections: Corrections): void {
  app.delete(
    '/api/v1/corrections',
    {
      config: { access: 'manager', errors: [...READ, 'DISK_FULL', 'ORIGIN_REFUSED'] },
      schema: {
        operationId: 'deleteCorrections',
        summary: 'Deletes all corrections with their pictures.',
        tags,
        response: { 204: nothing },
      },
    },
    async (_request, reply) => {
      await corrections.clear();
      return reply.code(204).send();
    },
  );

  app.delete<OfCorrection>(
    '/api/v1/corrections/:id',
    {
      config: { access: 'manager', errors: CHANGED },
      schema: {
        operationId: 'deleteCorrection',
        summary: 'Deletes a correction with its picture.',
        tags,
        params: correctionParams,
        response: { 204: nothing },
      },
    },
    async ({ params }, reply) => {
      await corrections.remove(params.id);
      return reply.code(204).send();
    },
  );
}

function relabelRoute(app: FastifyInstance, corrections: Corrections): void {
  app.patch<OfCorrection & { Body: InferOutput<typeof relabelBody>; Reply: AnswerOf<typeof correctionAnswer> }>(
    '/api/v1/corrections/:id',
    {
      config: { access: 'manager', errors: CHANGED },
      schema: {
        operationId: 'changeCorrection',
        summary: 'Says again what the picture of a correction really shows.',
        tags,
        params: correctionParams,
        body: relabelBody,
        response: { 200: correctionAnswer },
      },
    },
    ({ params, body }) => corrections.relabel(params.id, body.label),
  );
}
