/** Under what an answer is found again: the same picture, asked in the same way, of the same model. */
import type { ModelIdentity } from '../classification/classification.js';
import type { Settings } from '../config.js';
import { sha256Of } from '../hashes.js';
import type { JobOptions } from './job.js';

type AnswerSettings = Pick<
  Settings,
  'top' | 'lang' | 'threshold' | 'rules' | 'iccProfiles' | 'shrinkOnLoad' | 'reuseAnswers'
>;

export interface Question {
  readonly job: string;
  readonly options: JobOptions;
  readonly sha256: string;
  readonly model: ModelIdentity;
}

/** Answers that no other job may use have a key that begins with that of their job, by which they are deleted with it. */
export function answerKey({ job, options, sha256, model }: Question, settings: AnswerSettings): string {
  const { rules, iccProfiles, shrinkOnLoad } = settings;
  const { top = settings.top, lang = settings.lang, threshold = settings.threshold } = options;
  const how = sha256Of(JSON.stringify([model, top, lang, threshold, rules, iccProfiles, shrinkOnLoad]));
  const key = `${sha256}:${how.slice(0, 32)}`;
  return settings.reuseAnswers ? key : `${job}:${key}`;
}
