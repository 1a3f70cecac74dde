/** What a webhook is told: how a job has ended, and nothing of its pictures. */
import type { Job } from '../job.js';

export interface WebhookMessage {
  /** The same each time that it is sent; a job that was retried has another one. */
  readonly id: string;
  /** JSON. */
  readonly body: string;
}

export function webhookMessage(job: Job): WebhookMessage {
  const { id, state, counts, createdAt, startedAt, endedAt, expiresAt } = job;
  const timestamp = timeOf(endedAt);
  const [created, started, ended, expires] = [createdAt, startedAt, endedAt, expiresAt].map(timeOf);
  const data = { id, state, counts, created, started, ended, expires };
  return { id: `${id}-${endedAt}`, body: JSON.stringify({ type: `job.${state}`, timestamp, data }) };
}

const timeOf = (time: number | undefined): string | null => (time === undefined ? null : new Date(time).toISOString());
