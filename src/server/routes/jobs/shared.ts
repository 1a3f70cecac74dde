/** What the routes of jobs have in common. */
import type { InferOutput } from 'valibot';
import type { AnswerOf } from '../../contract.js';
import type { job, jobParams } from '../../job-contract.js';

export interface OfJob {
  readonly Params: InferOutput<typeof jobParams>;
}

export interface OneJob extends OfJob {
  readonly Reply: AnswerOf<typeof job>;
}

/** What may keep a job from being found. */
export const FOUND = ['JOB_NOT_FOUND', 'QUEUE_UNAVAILABLE'] as const;
export const tags = ['Jobs'];
