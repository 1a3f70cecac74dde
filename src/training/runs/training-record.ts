/** What is kept of a training: what was asked for, how it went, and what came out. */
import * as v from 'valibot';
import { type ErrorCode, errorTable } from '../../errors.js';
import { FINDING_KINDS } from '../check/finding.js';
import { PHASES } from '../training.js';

export const TRAINING_STATES = ['waiting', 'running', 'done', 'stopped', 'failed'] as const;

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const time = v.pipe(v.string(), v.isoTimestamp());

export const curvePoint = v.object({
  epoch: count,
  loss: v.number(),
  accuracy: share,
  validationLoss: v.number(),
  validationAccuracy: share,
});

export const finding = v.object({
  kind: v.picklist(FINDING_KINDS),
  pictures: v.array(v.string()),
  groups: v.optional(v.array(v.array(v.string()))),
  classes: v.array(v.string()),
  message: v.string(),
  messageZh: v.string(),
});

export const progress = v.object({
  phase: v.picklist(PHASES),
  done: v.number(),
  total: v.number(),
  secondsLeft: v.nullable(v.number()),
});

export const trainingResult = v.object({
  /** NAME@VERSION. */
  model: v.string(),
  pictures: count,
  classes: count,
  /** Share of right answers, each from a head that had not seen the picture. */
  crossValidated: share,
  validation: v.object({
    ...{ pictures: count, top1: share, loss: v.number() },
    /** Of the pictures that were held out; those with the largest share of mistakes first, at most 100. */
    perClass: v.optional(v.array(v.object({ label: v.string(), zh: v.string(), pictures: count, right: count }))),
  }),
  /** Null if none was made. */
  int8: v.nullable(v.object({ kept: v.boolean(), agreement: v.nullable(share), top1: v.nullable(share) })),
});

const compared = v.object({ model: v.string(), top1: share, loss: v.number() });

export const comparison = v.object({
  present: compared,
  candidate: compared,
  pictures: count,
  onlyPresentRight: count,
  onlyCandidateRight: count,
  /** Of McNemar's test. */
  p: share,
});

export const trainingOptions = v.object({
  model: v.string(),
  output: v.string(),
  unfreeze: count,
  epochs: count,
  augment: count,
  seed: count,
  validation: share,
  int8: v.picklist(['auto', 'always', 'never']),
});

export const trainingSource = v.object({ dataset: v.nullable(v.string()), fromCorrections: v.boolean() });

export const trainingRecord = v.object({
  id: v.string(),
  state: v.picklist(TRAINING_STATES),
  created: time,
  /** When it was begun for the first time. */
  started: v.nullable(time),
  ended: v.nullable(time),
  /** It ran when the service ended. */
  interrupted: v.optional(v.boolean(), false),
  source: trainingSource,
  options: trainingOptions,
  /** Whether it goes on with what an earlier run of it has left. */
  resume: v.boolean(),
  points: v.array(v.object({ point: curvePoint, epochs: count, best: v.boolean() })),
  findings: v.array(finding),
  result: v.nullable(trainingResult),
  comparison: v.nullable(comparison),
  error: v.nullable(v.object({ code: v.picklist(Object.keys(errorTable) as ErrorCode[]), error: v.string() })),
});

type Frozen<Value> = Value extends object ? { readonly [Key in keyof Value]: Frozen<Value[Key]> } : Value;

export type TrainingRecord = Frozen<v.InferOutput<typeof trainingRecord>>;
export type Progress = Frozen<v.InferOutput<typeof progress>>;

/** What comes of a training. */
export interface Outcome extends Pick<TrainingRecord, 'result' | 'comparison'> {
  /** It was ended early, and this is the best until then. */
  readonly stopped: boolean;
}

/** Nothing more comes of it by itself. */
export const isOver = ({ state }: Pick<TrainingRecord, 'state'>): boolean => state !== 'waiting' && state !== 'running';
