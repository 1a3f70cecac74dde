/** The six steps, in their order. */
import type { ComponentType } from 'react';
import type { Shown } from './shown.ts';
import { AnswerStep, CoverStep, GivenStep, HeatStep, LimitsStep, NumbersStep } from './steps/steps.tsx';

interface Step {
  /** Its words are those with this at the beginning of their keys. */
  readonly name: 'numbers' | 'given' | 'answer' | 'heat' | 'cover' | 'limits';
  readonly Live: ComponentType<Shown>;
}

export const STEPS: readonly [Step, ...Step[]] = [
  { name: 'numbers', Live: NumbersStep },
  { name: 'given', Live: GivenStep },
  { name: 'answer', Live: AnswerStep },
  { name: 'heat', Live: HeatStep },
  { name: 'cover', Live: CoverStep },
  { name: 'limits', Live: LimitsStep },
];
