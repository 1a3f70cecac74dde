/** A training as it is by now: its record, and what has been told since then. */
import type { ServerEvent } from '../../api/event-parser.ts';
import type { CurvePoint, Finding, Phase, Training, TrainingProgress } from '../../api/training-types.ts';

export const hasEnded = ({ state }: Pick<Training, 'state'>): boolean => state !== 'waiting' && state !== 'running';

/** What an event makes of it; the same one if it is of no kind that is known. */
export function afterEvent(training: Training | undefined, { type, data }: Pick<ServerEvent, 'type' | 'data'>) {
  if (type === 'training') return JSON.parse(data) as Training;
  if (!training) return training;
  if (type === 'progress') return { ...training, progress: JSON.parse(data) as TrainingProgress };
  if (type === 'point') {
    const { point } = JSON.parse(data) as { readonly point: CurvePoint };
    return { ...training, curve: withPoint(training.curve, point) };
  }
  if (type === 'finding') {
    const { finding } = JSON.parse(data) as { readonly finding: Finding };
    const isKnown = training.findings.some(({ kind, message }) => kind === finding.kind && message === finding.message);
    return isKnown ? training : { ...training, findings: [...training.findings, finding] };
  }
  return training;
}

/** What is trained again after a break is told again. */
const withPoint = (curve: readonly CurvePoint[], point: CurvePoint): readonly CurvePoint[] =>
  [...curve.filter(({ epoch }) => epoch !== point.epoch), point].sort((one, other) => one.epoch - other.epoch);

/** In the order in which a training goes through them; a step has several phases where people see but one thing. */
export const STEPS = ['looking', 'checking', 'learning', 'shrinking', 'judging'] as const;
export type Step = (typeof STEPS)[number];

const STEP_OF: Readonly<Record<Phase, Step>> = {
  reading: 'looking',
  embedding: 'looking',
  checking: 'checking',
  fitting: 'learning',
  'fine-tuning': 'learning',
  quantizing: 'shrinking',
  evaluating: 'judging',
  installing: 'judging',
};

export const stepOf = ({ phase }: TrainingProgress): Step => STEP_OF[phase];

/**
 * How much of a step is done, 0..1; undefined where that is not known. What is one piece is not begun, then done, and after the
 * last piece comes what is not counted.
 */
export const shareOf = ({ done, total }: Pick<TrainingProgress, 'done' | 'total'>): number | undefined =>
  total > 1 && done < total ? done / total : undefined;

/** How many of how many were right, of a share of them. */
export const rightOf = (share: number, pictures: number): number => Math.round(share * pictures);

const LIKELY_NO_CHANCE = 0.05;

/** As many right answers say little where a class is new: then the error tells whether something was learned. */
const CLOSER = 0.9;

/** Whoever gains nothing has no reason to change. */
export const isGain = (comparison: NonNullable<Training['comparison']>): boolean =>
  ['better', 'perhaps-better', 'closer'].includes(verdictOf(comparison));

/** What a comparison comes to: chance may well explain a difference whose p is not small. */
export function verdictOf({ present, candidate, p }: NonNullable<Training['comparison']>) {
  if (candidate.top1 === present.top1)
    return candidate.loss < CLOSER * present.loss ? ('closer' as const) : ('same' as const);
  const side = candidate.top1 > present.top1 ? 'better' : 'worse';
  return p < LIKELY_NO_CHANCE ? side : (`perhaps-${side}` as const);
}
