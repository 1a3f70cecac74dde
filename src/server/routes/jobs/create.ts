/** `POST /api/v1/jobs`. */
import path from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { InferOutput } from 'valibot';
import type { Jobs } from '../../../jobs/jobs.js';
import type { AnswerOf } from '../../contract.js';
import { job, jobQuery } from '../../job-contract.js';
import { ACCEPT_ERRORS, type AcceptJob } from '../../jobs/accept.js';
import { fillFrom, type IntakeOptions } from '../../jobs/intake.js';
import { jobBody } from '../../openapi.js';
import { tags } from './shared.js';

export function createRoute(app: FastifyInstance, { settings }: Jobs, acceptJob: AcceptJob): void {
  const { home, maxBytes, maxJobPictures, maxJobBytes, uploadTimeoutSeconds, jobFolders } = settings;
  const intake: IntakeOptions = {
    ...{ pictures: maxJobPictures, pictureBytes: maxBytes, bytes: maxJobBytes, setting: 'maxJobBytes' },
    ...{ seconds: uploadTimeoutSeconds, folders: jobFolders, archives: path.join(home, 'jobs') },
  };
  app.post<{ Querystring: InferOutput<typeof jobQuery>; Reply: AnswerOf<typeof job> }>(
    '/api/v1/jobs',
    {
      config: {
        takesLong: true,
        requestBody: jobBody(maxJobPictures),
        headers: ['Idempotency-Key'],
        errors: [...ACCEPT_ERRORS, 'ARCHIVE_INVALID', 'PATH_REFUSED', 'FILE_UNREADABLE'],
      },
      schema: {
        operationId: 'createJob',
        summary: 'Takes many pictures, to be answered in the background.',
        description:
          'A form, an archive, the paths of pictures on this machine, or one picture. One that cannot be taken does not end the others: it fails as a picture of the job. With the header `Idempotency-Key` the same request, sent again, gives the same job (`Idempotent-Replayed: true`).',
        tags,
        querystring: jobQuery,
        response: { 202: job },
      },
    },
    (request, reply) => acceptJob(request, reply, request.query, fillFrom(request, intake)),
  );
}
