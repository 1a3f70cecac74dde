/** What a training is told, what it tells meanwhile, and what comes out. */
import type { AppError } from '../errors.js';
import type { Finding } from './check/finding.js';

export interface TrainingOptions {
  /** The model to begin with: NAME or NAME@VERSION. */
  readonly model: string;
  /** What the new one is called: NAME (its next version) or NAME@VERSION. */
  readonly output: string;
  /** Checked against the data. */
  readonly numClasses?: number | undefined;
  /** How many of the network's last stages are trained too; 0 trains the last layer alone. */
  readonly unfreeze: number;
  /** Passes through the pictures, where stages are trained. */
  readonly epochs: number;
  /** Changed views of each picture that are trained with beside the picture itself. */
  readonly augment: number;
  readonly seed: number;
  /** Share of the pictures that are held out: they choose the temperature and the best epoch, and judge the result. */
  readonly validation: number;
  /** `auto` keeps INT8 where it is faster and agrees. */
  readonly int8: 'auto' | 'always' | 'never';
  /** Goes on with what an earlier run of the same data and options has left. */
  readonly resume: boolean;
}

export const TRAINING_DEFAULTS = {
  model: 'efficientnet-lite0',
  unfreeze: 0,
  epochs: 10,
  augment: 4,
  seed: 0,
  validation: 0.2,
  int8: 'auto',
  resume: false,
} as const satisfies Omit<TrainingOptions, 'output'>;

/** Changed views, each of which takes as long as the picture itself. */
export const MOST_VIEWS = 64;

export const PHASES = [
  'reading',
  'embedding',
  'checking',
  'fitting',
  'fine-tuning',
  'quantizing',
  'evaluating',
  'installing',
] as const;

export type Phase = (typeof PHASES)[number];

export interface CurvePoint {
  /** From 1; 0 is the state before fine-tuning. */
  readonly epoch: number;
  /** Mean cross-entropy in nats, and shares of right answers. */
  readonly loss: number;
  readonly accuracy: number;
  readonly validationLoss: number;
  readonly validationAccuracy: number;
}

export type TrainingEvent =
  | {
      readonly kind: 'progress';
      readonly phase: Phase;
      readonly done: number;
      readonly total: number;
      /** Of this phase; null while nobody can say. */
      readonly secondsLeft: number | null;
    }
  | { readonly kind: 'point'; readonly point: CurvePoint; readonly epochs: number; readonly best: boolean }
  | { readonly kind: 'finding'; readonly finding: Finding }
  | { readonly kind: 'unreadable'; readonly name: string; readonly error: AppError };

/** How many of the pictures of a class that were held out are answered right. */
export interface JudgedClass {
  readonly label: string;
  readonly zh: string;
  readonly pictures: number;
  readonly right: number;
}

export interface TrainingResult {
  /** NAME@VERSION, installed. */
  readonly model: string;
  /** Those that could be read, and the classes that they show. */
  readonly pictures: number;
  readonly classes: number;
  /** Changed views of each picture that were trained with: fewer than wanted where they would not fit in memory. */
  readonly augment: number;
  /** Share of the training pictures that are answered right, each by a last layer that had not seen it. */
  readonly crossValidated: number;
  /** The finished model in FP32 on the pictures that were held out; all 0 if there were none. Loss in nats. */
  readonly validation: {
    readonly pictures: number;
    readonly top1: number;
    readonly loss: number;
    /** Those with the largest share of mistakes first; not all of many. */
    readonly perClass?: readonly JudgedClass[];
  };
  /** Null if none was made. */
  readonly int8: {
    readonly kept: boolean;
    /** Share of the pictures for which both precisions name the same class. */
    readonly agreement: number | null;
    readonly top1: number | null;
  } | null;
  /** Whether it was ended early, and this is the best until then. */
  readonly stopped: boolean;
  /** Where the report is: `report.html` and, in the other language, `report.zh.html` or `report.en.html`; `report.json`, `answers.jsonl`. */
  readonly folder: string;
}
