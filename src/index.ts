/**
 * Kaiyan as a library: image classification on your own machine.
 *
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { createClassifier } from 'kaiyan';
 *
 * const classifier = await createClassifier();
 * const { answer } = await classifier.classify(await readFile('cat.jpg'));
 * console.log(answer.label, answer.probability);
 * await classifier.close();
 * ```
 *
 * A program that uses sharp for nothing else should also call {@link dedicateProcess}: Kaiyan's own processes do.
 */
export type { Place } from './classification/admission.js';
export type {
  Answer,
  CategoryProbability,
  Classification,
  ModelIdentity,
  Prediction,
  Timing,
} from './classification/classification.js';
export {
  type Classifier,
  type ClassifierOptions,
  type ClassifyOptions,
  createClassifier,
} from './classification/classifier.js';
export type { Flag, Rule } from './classification/rules.js';
export type { Settings } from './config.js';
export { AppError, type ErrorCode } from './errors.js';
export {
  type ExplainedClass,
  type ExplainOptions,
  type Explanation,
  explain,
  type Method,
} from './explanation/explain.js';
export { type DrawnExplanation, explainInPicture } from './explanation/explain-in-picture.js';
export { dedicateProcess } from './image/dedicate.js';
export type { LabelGroup, LabelSet, Language } from './labels/label-set.js';
