/** What goes in and out of the service where people train: data sets, trainings, corrections, promotions. */
import type { AnswerOf } from '#kaiyan/server/contract.js';
import type { correctionsAnswer, keptAnswer, promotionsAnswer } from '#kaiyan/server/correction-contract.js';
import type {
  addedAnswer,
  datasetAnswer,
  datasetPicture,
  datasetPicturesAnswer,
  datasetsAnswer,
  training,
  trainingsAnswer,
} from '#kaiyan/server/training-contract.js';

export type Datasets = AnswerOf<typeof datasetsAnswer>;
export type DatasetSummary = Datasets['datasets'][number];
export type Dataset = AnswerOf<typeof datasetAnswer>;
export type DatasetClass = Dataset['classes'][number];
export type DatasetPicture = AnswerOf<typeof datasetPicture>;
export type DatasetPictures = AnswerOf<typeof datasetPicturesAnswer>;
export type AddedPictures = AnswerOf<typeof addedAnswer>;
export type Trainings = AnswerOf<typeof trainingsAnswer>;
export type Training = AnswerOf<typeof training>;
export type CurvePoint = Training['curve'][number];
export type Finding = Training['findings'][number];
export type TrainingProgress = NonNullable<Training['progress']>;
export type Phase = TrainingProgress['phase'];

export type Corrections = AnswerOf<typeof correctionsAnswer>;
export type Correction = Corrections['corrections'][number];
export type KeptCorrection = AnswerOf<typeof keptAnswer>;
export type Promotions = AnswerOf<typeof promotionsAnswer>;
export type Promotion = Promotions['promotions'][number];
