/** What goes in and out of the service: the types of the schemas that the service itself checks with. */
import type {
  AnswerOf,
  activeModelAnswer,
  classification,
  compareAnswer,
  labelsAnswer,
  modelAnswer,
  modelsAnswer,
  serviceAnswer,
} from '#kaiyan/server/contract.js';
import type { explainAnswer } from '#kaiyan/server/explain-contract.js';
import type { job, jobItem, jobsAnswer, resultsAnswer } from '#kaiyan/server/job-contract.js';

export type Classification = AnswerOf<typeof classification>;
export type Explanation = AnswerOf<typeof explainAnswer>;
export type Labels = AnswerOf<typeof labelsAnswer>;
export type Models = AnswerOf<typeof modelsAnswer>;
export type Model = AnswerOf<typeof modelAnswer>;
export type ActiveModel = AnswerOf<typeof activeModelAnswer>;
export type Comparison = AnswerOf<typeof compareAnswer>;
export type Service = AnswerOf<typeof serviceAnswer>;
export type Job = AnswerOf<typeof job>;
export type Jobs = AnswerOf<typeof jobsAnswer>;
export type JobItem = AnswerOf<typeof jobItem>;
export type Results = AnswerOf<typeof resultsAnswer>;
