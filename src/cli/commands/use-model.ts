/** `kaiyan models use`: chooses the model that answers where no setting names another. */
import { chosenModelFile, writeChosenModel } from '../../chosen-model.js';
import { type Configuration, flagOf, type Settings } from '../../config.js';
import { AppError } from '../../errors.js';
import { type Bundle, modelFile, precisionsOf, verifyBundle } from '../../models/bundle.js';
import { type Answering, isSame, settlePromotion } from '../../models/promotions.js';
import { referenceOf } from '../../models/reference.js';
import { createRegistry } from '../../models/registry.js';
import { visible } from '../output.js';

/**
 * Looks at the model first, so that what is chosen can answer.
 * @throws AppError MODEL_*, PRECISION_UNAVAILABLE, MODELS_UNWRITABLE, DATA_UNWRITABLE, DISK_FULL
 */
export async function useModel(reference: string, configuration: Configuration): Promise<void> {
  const { settings, sources, chosen } = configuration;
  const { home } = settings;
  const bundle = await openWhole(reference, home);
  const precision = sources.precision === flagOf('precision') ? settings.precision : undefined;
  if (precision !== undefined && precision !== 'auto') modelFile(bundle, precision);
  const from = await presentIn({
    ...settings,
    precision: precision ? (chosen?.precision ?? 'auto') : settings.precision,
  });
  const to = {
    reference: referenceOf(bundle.manifest),
    precision: precision ?? (sources.precision === chosenModelFile(home) ? 'auto' : settings.precision),
  };
  const choice = { model: reference, precision };
  if (isSame(from, to)) await writeChosenModel(home, choice);
  else await settlePromotion(home, { kind: 'activation', from, to, training: null, by: 'command' }, choice);
  sayWhatAnswers(`${referenceOf(bundle.manifest)} (${precision ?? precisionsOf(bundle).join(' or ')})`, configuration);
}

/** A model whose files are what its manifest says. @throws AppError MODEL_NOT_FOUND, MODEL_INVALID, MODEL_DAMAGED */
export async function openWhole(reference: string, home: string): Promise<Bundle> {
  const bundle = await createRegistry(home).open(reference);
  const damaged = (await verifyBundle(bundle)).find(({ ok }) => !ok);
  if (damaged) throw new AppError('MODEL_DAMAGED', damaged);
  return bundle;
}

/** What answers by the settings; one that was removed is still what did. */
export async function presentIn({ home, model, precision }: Settings): Promise<Answering> {
  const located = await createRegistry(home)
    .locate(model)
    .catch(() => undefined);
  return { reference: located ? referenceOf(located) : model, precision };
}

export function sayWhatAnswers(
  which: string,
  { settings, sources }: Configuration,
  since: 'from now on' | 'already' = 'from now on',
): void {
  const { home } = settings;
  process.stdout.write(
    `${visible(which)} answers ${since}; a service of this data directory (${visible(home)}) takes it up by itself.\n`,
  );
  if (sources.model === 'default' || sources.model === chosenModelFile(home)) return;
  process.stderr.write(
    `${visible(`kaiyan: ${sources.model} names ${settings.model}, which goes before it whenever Kaiyan starts with that setting.`)}\n`,
  );
}
