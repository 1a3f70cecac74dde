/** Trainings as clients see them. */
import type { Training } from '../../training/runs/run.js';
import type { AnswerOf } from '../contract.js';
import type { training as trainingSchema, trainingSummary } from '../training-contract.js';

export function viewTraining({ record, progress }: Training): AnswerOf<typeof trainingSchema> {
  const { points, resume, ...kept } = record;
  return { ...kept, progress, curve: points.map(({ point }) => point) };
}

export function summarizeTraining(of: Training): AnswerOf<typeof trainingSummary> {
  const { curve, findings, result, ...rest } = viewTraining(of);
  if (!result) return { ...rest, result: null };
  const { perClass, ...validation } = result.validation;
  return { ...rest, result: { ...result, validation } };
}
