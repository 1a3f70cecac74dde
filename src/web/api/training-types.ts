/** What goes in and out of the service where people train: data sets, trainings, corrections, promotions. */
import type { AnswerOf } from '#kaiyan/server/contract.js';
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

export interface Correction {
  readonly id: string;
  readonly label: string;
  readonly predicted: string;
  readonly probability: number;
  readonly model: string;
  readonly bytes: number;
  readonly created: string;
}

export interface Corrections {
  readonly corrections: readonly Correction[];
  readonly next: string | null;
  readonly total: number;
  readonly sufficient: boolean;
}

interface PromotedModel {
  readonly reference: string;
  readonly precision: string;
}

export interface Promotion {
  readonly id: string;
  readonly at: string;
  readonly kind: 'promotion' | 'rollback';
  readonly from: PromotedModel;
  readonly to: PromotedModel;
  readonly training: string | null;
  readonly by: 'api' | 'command';
  readonly note?: string;
}
