/** `kaiyan models remove`: deletes a model from the data directory, unless it is the one that answers. */
import { createInterface } from 'node:readline';
import { chosenModelFile } from '../../chosen-model.js';
import type { Configuration } from '../../config.js';
import { AppError } from '../../errors.js';
import type { Located } from '../../models/locate.js';
import { parseReference, referenceOf } from '../../models/reference.js';
import { createRegistry, type Registry } from '../../models/registry.js';
import { catchInterrupt } from '../interrupt.js';
import { visible } from '../output.js';

/** @throws AppError MODEL_NOT_FOUND, MODEL_KEPT, MODELS_UNWRITABLE, USAGE */
export async function removeModel(reference: string, configuration: Configuration, yes: boolean): Promise<void> {
  const registry = createRegistry(configuration.settings.home);
  const located = await registry.locate(reference);
  await requireOneVersion(registry, reference);
  await requireUnused(registry, located, configuration);
  if (!located.embedded && !yes && !(await confirm(located)))
    return void process.stderr.write('Nothing was removed.\n');
  const { folder } = await registry.remove(referenceOf(located));
  process.stdout.write(`${visible(`Removed ${referenceOf(located)} (${folder}).`)}\n`);
}

/** What cannot be undone is not guessed. */
async function requireOneVersion(registry: Registry, reference: string): Promise<void> {
  const { name, version } = parseReference(reference);
  const own = (await registry.list()).filter((one) => one.name === name && !one.embedded);
  if (version !== undefined || own.length < 2) return;
  const versions = own.map(referenceOf).join(', ');
  throw new AppError('USAGE', {
    problem: `Expected one version of ${name}, but it has several. Name one: ${versions}.`,
  });
}

async function requireUnused(
  registry: Registry,
  located: Located,
  { settings, sources, chosen }: Configuration,
): Promise<void> {
  const { home } = settings;
  const uses = [
    { model: settings.model, source: sources.model },
    ...(chosen ? [{ model: chosen.model, source: chosenModelFile(home) }] : []),
  ];
  for (const { model, source } of uses) {
    const used = await registry.locate(model).catch(() => undefined);
    if (used?.folder !== located.folder) continue;
    const remedy =
      source === chosenModelFile(home)
        ? 'Let another one answer first ("kaiyan models use")'
        : `Change the setting model (${source}) first`;
    const reason = `it is the model that answers (${source})`;
    throw new AppError('MODEL_KEPT', { reference: referenceOf(located), reason, remedy });
  }
}

async function confirm(located: Located): Promise<boolean> {
  if (!process.stdin.isTTY) {
    const problem = 'Expected somebody to ask, but standard input is no terminal. Give --yes to remove without asking.';
    throw new AppError('USAGE', { problem });
  }
  const signal = catchInterrupt();
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  const answer = await new Promise<string>((resolve) => {
    lines.question(visible(`Remove ${referenceOf(located)} (${located.folder})? [y/N] `), resolve);
    lines.once('close', () => resolve(''));
    signal.addEventListener('abort', () => lines.close(), { once: true });
  });
  lines.close();
  return /^(y|yes)$/i.test(answer.trim());
}
