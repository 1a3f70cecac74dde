/** `kaiyan models use`: chooses the model that answers where no setting names another. */
import { chosenModelFile, writeChosenModel } from '../../chosen-model.js';
import { type Configuration, flagOf } from '../../config.js';
import { AppError } from '../../errors.js';
import { modelFile, precisionsOf, verifyBundle } from '../../models/bundle.js';
import { referenceOf } from '../../models/reference.js';
import { createRegistry } from '../../models/registry.js';
import { visible } from '../output.js';

/**
 * Looks at the model first, so that what is chosen can answer.
 * @throws AppError MODEL_*, PRECISION_UNAVAILABLE
 */
export async function useModel(reference: string, { settings, sources }: Configuration): Promise<void> {
  const { home } = settings;
  const bundle = await createRegistry(home).open(reference);
  const precision = sources.precision === flagOf('precision') ? settings.precision : undefined;
  if (precision !== undefined && precision !== 'auto') modelFile(bundle, precision);
  const damaged = (await verifyBundle(bundle)).find(({ ok }) => !ok);
  if (damaged) throw new AppError('MODEL_DAMAGED', damaged);
  await writeChosenModel(home, { model: reference, ...(precision && { precision }) });
  const which = `${referenceOf(bundle.manifest)} (${precision ?? precisionsOf(bundle).join(' or ')})`;
  process.stdout.write(
    `${which} answers from now on; a service of this data directory (${visible(home)}) takes it up by itself.\n`,
  );
  if (sources.model === 'default' || sources.model === chosenModelFile(home)) return;
  process.stderr.write(
    `${visible(`kaiyan: ${sources.model} names ${settings.model}, which goes before it whenever Kaiyan starts with that setting.`)}\n`,
  );
}
