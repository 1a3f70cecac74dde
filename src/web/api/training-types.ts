/** What goes in and out of the service where people train: data sets, trainings, corrections, promotions. */

export interface DatasetSummary {
  readonly name: string;
  readonly classes: number;
  readonly pictures: number;
  readonly bytes: number;
  readonly modified: string;
}

export interface DatasetClass {
  readonly label: string;
  readonly zh: string;
  readonly pictures: number;
}

export interface Dataset {
  readonly name: string;
  readonly bytes: number;
  readonly pictures: number;
  readonly classes: readonly DatasetClass[];
}

export interface DatasetPicture {
  readonly id: string;
  readonly label: string;
  readonly name: string;
  readonly bytes: number;
}

export interface DatasetPictures {
  readonly pictures: readonly DatasetPicture[];
  readonly next: string | null;
}

export interface AddedPictures {
  readonly added: readonly string[];
  readonly repeated: number;
  readonly failed: readonly { readonly name: string; readonly code: string; readonly error: string }[];
}

export type Phase =
  | 'reading'
  | 'embedding'
  | 'checking'
  | 'fitting'
  | 'fine-tuning'
  | 'quantizing'
  | 'evaluating'
  | 'installing';

export interface CurvePoint {
  readonly epoch: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly validationLoss: number;
  readonly validationAccuracy: number;
}

export interface Finding {
  readonly kind: string;
  readonly pictures: readonly string[];
  readonly classes: readonly string[];
  readonly message: string;
  readonly messageZh: string;
}

export interface TrainingProgress {
  readonly phase: Phase;
  readonly done: number;
  readonly total: number;
  readonly secondsLeft: number | null;
}

export interface JudgedModel {
  readonly model: string;
  readonly top1: number;
  readonly loss: number;
}

export interface Training {
  readonly id: string;
  readonly state: 'waiting' | 'running' | 'done' | 'stopped' | 'failed';
  readonly created: string;
  readonly started: string | null;
  readonly ended: string | null;
  readonly source: { readonly dataset: string | null; readonly fromCorrections: boolean };
  readonly options: {
    readonly model: string;
    readonly output: string;
    readonly unfreeze: number;
    readonly epochs: number;
    readonly augment: number;
    readonly seed: number;
    readonly validation: number;
    readonly int8: 'auto' | 'always' | 'never';
  };
  readonly progress: TrainingProgress | null;
  readonly curve: readonly CurvePoint[];
  readonly findings: readonly Finding[];
  readonly result: {
    readonly model: string;
    readonly pictures: number;
    readonly classes: number;
    readonly crossValidated: number;
    readonly validation: { readonly pictures: number; readonly top1: number; readonly loss: number };
    readonly int8: {
      readonly kept: boolean;
      readonly agreement: number | null;
      readonly top1: number | null;
    } | null;
  } | null;
  readonly comparison: {
    readonly present: JudgedModel;
    readonly candidate: JudgedModel;
    readonly pictures: number;
    readonly onlyPresentRight: number;
    readonly onlyCandidateRight: number;
    readonly p: number;
  } | null;
  readonly error: { readonly code: string; readonly error: string } | null;
}

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
