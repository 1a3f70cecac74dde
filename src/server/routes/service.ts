/** `GET /api/v1/service`: what a page has to know before it asks for anything. */
import type { FastifyInstance } from 'fastify';
import type { Settings } from '../../config.js';
import { acceptedFormats } from '../../image/format.js';
import type { Jobs } from '../../jobs/jobs.js';
import { version } from '../../version.js';
import { managementOf } from '../access.js';
import { isNeighbour } from '../addresses.js';
import { type AnswerOf, serviceAnswer } from '../contract.js';
import { MOST_PICTURES } from '../pictures.js';

export interface ServiceDependencies {
  readonly settings: Settings;
  readonly jobs: Jobs;
  /** Where other machines reach it, now. */
  readonly addresses: () => readonly string[];
  /** Of the certificate; null without HTTPS. */
  readonly fingerprint: string | null;
}

export function serviceRoute(
  app: FastifyInstance,
  { settings, jobs, addresses, fingerprint }: ServiceDependencies,
): void {
  const { apiKey, maxBytes, maxRequestBytes, maxPixels, maxJobPictures, maxJobBytes, top, lang, threshold } = settings;
  const managementFor = managementOf(settings);
  const formats = acceptedFormats();
  app.get<{ Reply: AnswerOf<typeof serviceAnswer> }>(
    '/api/v1/service',
    {
      config: { access: 'everyone' },
      schema: {
        operationId: 'describeService',
        summary: 'What the service is, what it accepts, and what this caller may do.',
        tags: ['Service'],
        response: { 200: serviceAnswer },
      },
    },
    async (request) => ({
      name: 'kaiyan',
      version,
      secure: fingerprint !== null,
      // Those of a private network are nothing for who asks from elsewhere.
      addresses: isNeighbour(request) ? addresses() : [],
      fingerprint,
      needsKey: apiKey !== '',
      management: managementFor(request),
      limits: {
        ...{ maxBytes, maxRequestBytes, maxPixels, picturesPerRequest: MOST_PICTURES },
        ...{ jobPictures: maxJobPictures, jobBytes: maxJobBytes },
      },
      formats,
      languages: ['en', 'zh'],
      defaults: { top, lang, threshold },
      jobs: await jobs.canAccept(),
    }),
  );
}
