/** `/api/v1/jobs`: pictures that are answered in the background, any number of them. */
import type { FastifyInstance } from 'fastify';
import type { Jobs } from '../../jobs/jobs.js';
import type { AcceptJob } from '../jobs/accept.js';
import { changeRoutes } from './jobs/change.js';
import { createRoute } from './jobs/create.js';
import { downloadRoutes } from './jobs/downloads.js';
import { eventsRoute } from './jobs/events.js';
import { readRoutes } from './jobs/read.js';
import { resultRoutes } from './jobs/results.js';

export interface JobRoutesDependencies {
  readonly jobs: Jobs;
  readonly acceptJob: AcceptJob;
  /** Aborted when the service ends. */
  readonly closing: AbortSignal;
}

export function jobRoutes(app: FastifyInstance, { jobs, acceptJob, closing }: JobRoutesDependencies): void {
  createRoute(app, jobs, acceptJob);
  readRoutes(app, jobs);
  changeRoutes(app, jobs);
  resultRoutes(app, jobs);
  downloadRoutes(app, jobs);
  eventsRoute(app, jobs, closing);
}
