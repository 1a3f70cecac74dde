/** Pictures of a data set: `/api/v1/datasets/{name}/pictures`. */
import type { FastifyInstance } from 'fastify';
import type { InferOutput } from 'valibot';
import type { Settings } from '../../../config.js';
import type { KeptDatasets } from '../../../dataset/kept/datasets.js';
import type { AddedPictures, DatasetReception } from '../../../dataset/kept/reception.js';
import { AppError } from '../../../errors.js';
import { whileWaiting } from '../../connection.js';
import type { AnswerOf } from '../../contract.js';
import { nothing, text } from '../../job-contract.js';
import { fillFromFew, type IntakeLimits, type PictureFill } from '../../jobs/intake.js';
import { withJsonBody } from '../../json-body.js';
import { formOrPicture } from '../../openapi.js';
import { refusalOf } from '../../refusals.js';
import {
  addedAnswer,
  datasetParams,
  datasetPicture,
  datasetPictureParams,
  datasetPicturesAnswer,
  datasetPicturesQuery,
  labelQuery,
  pictureChange,
} from '../../training-contract.js';
import { announcedBytes } from '../../upload.js';
import { CHANGED, FOUND, manager, type OfDataset, type OfPicture, tags } from './shared.js';

const URL = '/api/v1/datasets/:name/pictures';
/** Each is decoded before the answer comes, which is not to take minutes. */
const MOST_AT_ONCE = 1_000;
const ONE = [...CHANGED, 'PICTURE_NOT_FOUND'] as const;

export async function datasetPictureRoutes(
  app: FastifyInstance,
  datasets: KeptDatasets,
  { maxJobPictures, maxJobBytes, uploadTimeoutSeconds }: Settings,
): Promise<void> {
  const most = Math.min(MOST_AT_ONCE, maxJobPictures);
  const limits: IntakeLimits = {
    ...{ pictures: most, bytes: maxJobBytes, setting: 'maxJobBytes', seconds: uploadTimeoutSeconds },
  };
  const receiving = new Set<Promise<unknown>>();
  // What has arrived as a whole is kept before the service ends.
  app.addHook('onClose', async () => void (await Promise.allSettled(receiving)));

  app.get<
    OfDataset & {
      Querystring: InferOutput<typeof datasetPicturesQuery>;
      Reply: AnswerOf<typeof datasetPicturesAnswer>;
    }
  >(
    URL,
    {
      config: { ...manager, errors: [...FOUND, 'CLASS_NOT_FOUND'] },
      schema: {
        operationId: 'listDatasetPictures',
        summary: 'The pictures of a data set, or of a class, page by page.',
        tags,
        params: datasetParams,
        querystring: datasetPicturesQuery,
        response: { 200: datasetPicturesAnswer },
      },
    },
    async ({ params, query }) => {
      const { pictures, next } = await datasets.pictures(params.name, query);
      return { pictures, next: next === null ? null : String(next) };
    },
  );

  app.post<OfDataset & { Querystring: InferOutput<typeof labelQuery>; Reply: AnswerOf<typeof addedAnswer> }>(
    URL,
    {
      config: {
        ...{ ...manager, takesLong: true, requestBody: formOrPicture(most) },
        errors: [
          ...CHANGED,
          ...['CLASS_NOT_FOUND', 'DATASET_FULL', 'IMAGE_MISSING', 'REQUEST_TOO_LARGE', 'MEDIA_TYPE_UNSUPPORTED'],
        ] as const,
      },
      schema: {
        operationId: 'addDatasetPictures',
        summary: 'Adds pictures to a class: a form with any number of them, or a bare picture.',
        description:
          'One that cannot be used does not end the others. A request that ends early has added those that had arrived by then; sent again, it adds the others.',
        tags,
        params: datasetParams,
        querystring: labelQuery,
        response: { 200: addedAnswer },
      },
    },
    async (request) => {
      const fill = fillFromFew(request, limits);
      const reception = await datasets.receive(request.params.name, request.query.label, announcedBytes(request));
      const received = receive(reception, fill);
      receiving.add(received);
      const { added, repeated, failed } = await received.finally(() => receiving.delete(received));
      if (added.length + repeated + failed.length === 0) throw new AppError('IMAGE_MISSING', {});
      return { added, repeated, failed: failed.map(({ name, error }) => ({ name, ...refusalOf(error) })) };
    },
  );

  app.get<OfPicture>(
    `${URL}/:id/thumbnail`,
    {
      config: { ...manager, errors: [...FOUND, 'PICTURE_NOT_FOUND'], produces: 'image/jpeg' },
      schema: {
        operationId: 'showDatasetThumbnail',
        summary: 'A small picture.',
        tags,
        params: datasetPictureParams,
        response: { 200: text },
      },
    },
    async ({ params: { name, id } }, reply) => {
      const jpeg = await datasets.thumbnail(name, id, whileWaiting(reply).signal);
      reply.type('image/jpeg').header('Cache-Control', 'private, max-age=31536000, immutable');
      return reply.send(jpeg);
    },
  );

  await withJsonBody(app, (managed) => {
    managed.patch<
      OfPicture & {
        Body: InferOutput<typeof pictureChange>;
        Reply: AnswerOf<typeof datasetPicture>;
      }
    >(
      `${URL}/:id`,
      {
        config: { ...manager, errors: [...ONE, 'CLASS_NOT_FOUND'] },
        schema: {
          operationId: 'moveDatasetPicture',
          summary: 'Moves a picture to another class.',
          tags,
          params: datasetPictureParams,
          body: pictureChange,
          response: { 200: datasetPicture },
        },
      },
      async ({ params: { name, id }, body }) => datasets.movePicture(name, id, body.label),
    );
  });

  app.delete<OfPicture>(
    `${URL}/:id`,
    {
      config: { ...manager, errors: ONE },
      schema: {
        operationId: 'deleteDatasetPicture',
        summary: 'Deletes a picture from a data set.',
        tags,
        params: datasetPictureParams,
        response: { 204: nothing },
      },
    },
    async ({ params: { name, id } }, reply) => {
      await datasets.removePicture(name, id);
      return reply.code(204).send();
    },
  );
}

async function receive(reception: DatasetReception, fill: PictureFill): Promise<AddedPictures> {
  try {
    await fill(reception);
    return await reception.finish();
  } catch (error) {
    await reception.abandon();
    throw error;
  }
}
