/** Checks of the models: their files, a known answer, and what each precision is worth on this machine. */
import { readFile } from 'node:fs/promises';
import { measurePrecision } from '../../classification/precision.js';
import type { Settings } from '../../config.js';
import { type Bundle, precisionsOf, verifyBundle } from '../../models/bundle.js';
import { createRegistry, type Registry } from '../../models/registry.js';
import { percent } from '../output.js';
import { type Check, check, type Finding, ok, problem, warning } from './check.js';

export async function* checkModels(settings: Settings, signal: AbortSignal): AsyncGenerator<Check> {
  const registry = createRegistry(settings.home);
  for (const name of await registry.names()) yield await check(`model ${name}`, () => files(registry, name));
  yield await check('answer', () => knownAnswer(settings, signal));
  yield await check('precision', async () => precision(await registry.open(settings.model), settings, signal));
}

async function files(registry: Registry, name: string): Promise<Finding> {
  const bundle = await registry.open(name);
  const found = await verifyBundle(bundle);
  const damaged = found.filter(({ ok: intact }) => !intact);
  if (damaged.length === 0) return ok(`${precisionsOf(bundle).join(', ')}: every hash is right`);
  const seen = damaged.map((file) => `${file.path} should have the SHA-256 ${file.expected}, but: ${file.found}`);
  return problem(seen.join('; '), 'The file was changed or damaged: install the model again.');
}

const PICTURE = new URL('../../../examples/pictures/coffee.png', import.meta.url);
/** WordNet's espresso, in any language. */
const ESPRESSO = 'n07920052';

async function knownAnswer(settings: Settings, signal: AbortSignal): Promise<Finding> {
  const { createClassifier } = await import('../../classification/classifier.js');
  const bytes = await readFile(PICTURE);
  const classifier = await createClassifier({ ...settings, workers: 1, lang: 'en', top: 1 });
  try {
    const { predictions, model, timing } = await classifier.classify(bytes, { signal });
    const [first] = predictions;
    const seen = `${model.name} ${model.precision} says ${first?.label} (${percent(first?.probability ?? 0)}) of coffee.png`;
    if (classifier.labels.name !== 'imagenet-1k' || first?.wnid === ESPRESSO)
      return ok(seen, { probability: first?.probability ?? 0, totalMs: timing.totalMs });
    return problem(
      `${seen}, but it shows espresso`,
      'Try --precision fp32; if that is right, set it, and report this.',
    );
  } finally {
    await classifier.close();
  }
}

async function precision(bundle: Bundle, settings: Settings, signal: AbortSignal): Promise<Finding> {
  const available = precisionsOf(bundle);
  if (available.length < 2) return ok(`${bundle.manifest.name} has ${available[0]} only: there is nothing to choose`);
  const verdict = await measurePrecision(bundle, settings.home, signal);
  if (!verdict)
    return problem('the precisions could not be compared', 'See the model and the answer above for the reason.');
  const { precision: better, int8Ms, fp32Ms, agreement, distance } = verdict;
  const seen = `int8 ${int8Ms.toFixed(1)} ms, fp32 ${fp32Ms.toFixed(1)} ms; they agree on ${percent(agreement)} of the example views (mean distance ${distance.toFixed(3)}): ${better} is better here`;
  if (settings.precision !== 'auto' && settings.precision !== better)
    return warning(`${seen}, but ${settings.precision} is set`, 'Set precision to auto.');
  return ok(seen, { int8Ms, fp32Ms, agreement, distance });
}
