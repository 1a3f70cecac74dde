/** A model in one of its precisions. */
import type { Models } from '../../api/types.ts';

export type ModelSummary = Models['models'][number];
export type Precision = ModelSummary['files'][number]['precision'];

export interface Choice {
  readonly reference: string;
  readonly precision: Precision;
}

/** `efficientnet-lite0:int8`, as the service takes it where it compares. */
export const nameOf = ({ reference, precision }: Choice): string => `${reference}:${precision}`;

export const bytesOf = ({ files }: ModelSummary, precision: Precision): number | undefined =>
  files.find((file) => file.precision === precision)?.bytes;

/** What a model has in memory, in one precision. */
export const inMemory = ({ loaded }: Models, { name, version }: ModelSummary, precision: Precision) =>
  loaded.find((one) => one.name === name && one.version === version && one.precision === precision);

/** As many as the service compares in one call. */
export const MOST_COMPARED = 4;

/** Whether the service can compare them: what answers now stays in memory beside them, even if it is not among them. */
export function canCompare(models: Models, chosen: readonly Choice[]): boolean {
  const isActive = ({ reference, precision }: Choice) => {
    const model = models.models.find((one) => one.reference === reference);
    return model !== undefined && (inMemory(models, model, precision)?.active ?? false);
  };
  const inUse = chosen.length + (chosen.some(isActive) ? 0 : 1);
  return chosen.length <= MOST_COMPARED && inUse <= models.memory.limitModels;
}

/** Every model in every precision, in the service's order; what answers now comes first. */
export function allChoices(models: Models): readonly Choice[] {
  const all = models.models.flatMap((model) =>
    model.files.map(({ precision }) => ({
      reference: model.reference,
      precision,
      active: inMemory(models, model, precision)?.active ?? false,
    })),
  );
  return all
    .toSorted((one, other) => Number(other.active) - Number(one.active))
    .map(({ reference, precision }) => ({ reference, precision }));
}

/** The precision that is looked at first: the active one, else one that is in memory, else the smallest file. */
export function firstPrecision(models: Models, model: ModelSummary): Precision {
  const loaded = model.files.map(({ precision }) => inMemory(models, model, precision)).filter((one) => one);
  const known = loaded.find((one) => one?.active) ?? loaded[0];
  const smallest = model.files.toSorted((one, other) => one.bytes - other.bytes)[0];
  return known?.precision ?? smallest?.precision ?? 'fp32';
}
