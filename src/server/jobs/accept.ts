/** From a request for a job to the answer that it is one: 202, with its address. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Settings } from '../../config.js';
import type { JobOptions } from '../../jobs/job.js';
import type { Jobs } from '../../jobs/jobs.js';
import { modelFile } from '../../models/bundle.js';
import type { Serving } from '../../serving/serving.js';
import { endIfUnread, whileWaiting } from '../connection.js';
import type { AnswerOf } from '../contract.js';
import type { job as jobSchema } from '../job-contract.js';
import { headerOf, type RequestHeader } from '../request-headers.js';
import { announcedBytes } from '../upload.js';
import { type Fill, fillFromFew } from './intake.js';
import { receiveJob } from './reception.js';
import { jobAddress, viewJob } from './views.js';

/** Takes the pictures of a request as a job, and answers with it. */
export type AcceptJob = (
  request: FastifyRequest,
  reply: FastifyReply,
  options: JobOptions,
  fill: Fill,
) => Promise<AnswerOf<typeof jobSchema>>;

/** What a job may be refused with, beside what can be wrong with its request. */
export const ACCEPT_ERRORS = [
  'JOB_EMPTY',
  'JOBS_FULL',
  'DISK_FULL',
  'IDEMPOTENCY_CONFLICT',
  'MODEL_NOT_FOUND',
  'PRECISION_UNAVAILABLE',
  'ADDRESS_REFUSED',
  'QUEUE_UNAVAILABLE',
  'REQUEST_TOO_LARGE',
  'MEDIA_TYPE_UNSUPPORTED',
  'ORIGIN_REFUSED',
] as const;

/** As nginx's lingering_time: who sends all of it again before it reads the answer would lose the answer again, each time. */
const REPEATED_LINGER_MS = 30_000;

export function createAcceptJob(app: FastifyInstance, jobs: Jobs, serving: Serving): AcceptJob {
  const receiving = new Set<Promise<unknown>>();
  // What is left of those whose connection was cut is removed before the books are closed.
  app.addHook('onClose', async () => void (await Promise.allSettled(receiving)));

  return async (request, reply, options, fill) => {
    await requireModel(serving, options);
    if (options.webhook !== undefined) await jobs.checkWebhook(options.webhook);
    const idempotencyKey = headerOf(request, 'Idempotency-Key');
    const fingerprint = JSON.stringify([request.method, request.routeOptions.url, options]);
    const { signal } = whileWaiting(reply);
    const asked = { options, idempotencyKey, fingerprint, signal, announced: announcedBytes(request) };
    const reception = receiveJob(jobs, asked, fill);
    receiving.add(reception);
    try {
      const { job, isRepeated } = await reception;
      reply.code(202).header('Location', jobAddress(job.id));
      if (isRepeated) {
        reply.header('Idempotent-Replayed', 'true');
        endIfUnread(request, reply, false, REPEATED_LINGER_MS);
      }
      return viewJob(job);
    } finally {
      receiving.delete(reception);
    }
  };
}

/** Told at once, and not by every picture. @throws AppError MODEL_NOT_FOUND, PRECISION_UNAVAILABLE */
async function requireModel({ registry, activeBundle }: Serving, { model, precision }: JobOptions): Promise<void> {
  if (model === undefined && precision === undefined) return;
  const bundle = model === undefined ? activeBundle() : await registry.open(model);
  if (precision !== undefined && precision !== 'auto') modelFile(bundle, precision);
}

/** RFC 7240: the client would rather have the address of the answer at once than wait for the answer. */
export const prefersJob = (request: FastifyRequest): boolean =>
  /(?:^|,)\s*respond-async\s*(?:[,;]|$)/i.test(headerOf(request, 'Prefer') ?? '');

/** What `acceptFew` reads. */
export const FEW_HEADERS: readonly RequestHeader[] = ['Prefer', 'Idempotency-Key'];

/** A job for one who prefers it, of the few pictures of a request that is answered at once as a rule. */
export function acceptFew(
  acceptJob: AcceptJob,
  request: FastifyRequest,
  reply: FastifyReply,
  { options, pictures, settings }: { options: JobOptions; pictures: number; settings: Settings },
): ReturnType<AcceptJob> {
  const { maxRequestBytes: bytes, uploadTimeoutSeconds: seconds } = settings;
  const fill = fillFromFew(request, {
    pictures,
    bytes,
    setting: 'maxRequestBytes',
    seconds,
    ignoresMore: pictures === 1,
  });
  reply.header('Preference-Applied', 'respond-async');
  return acceptJob(request, reply, options, fill);
}
