/** How stages are fine-tuned: numbers that were found to do well with small data sets (`npm run prove -- fine-tuning`). */

export interface Recipe {
  /** Pictures of a step. */
  readonly batch: number;
  /** The highest learning rate. */
  readonly rate: number;
  readonly weightDecay: number;
  /** Share of the steps in which the learning rate rises. */
  readonly warmUp: number;
  /** What is taken from the right class and spread over all. */
  readonly labelSmoothing: number;
  /** It ends after so many epochs without a lower validation loss. */
  readonly patience: number;
}

export const DEFAULT_RECIPE: Recipe = {
  batch: 16,
  rate: 5e-6,
  weightDecay: 0.01,
  warmUp: 0.1,
  labelSmoothing: 0,
  patience: 4,
};
