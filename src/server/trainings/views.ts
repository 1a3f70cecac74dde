/** Trainings as clients see them. */
import type { Training } from '../../training/runs/trainings.js';
import type { AnswerOf } from '../contract.js';
import type { training as trainingSchema } from '../training-contract.js';

export function viewTraining({ record, progress }: Training): AnswerOf<typeof trainingSchema> {
  const { points, resume, ...kept } = record;
  return { ...kept, progress, curve: points.map(({ point }) => point) };
}
