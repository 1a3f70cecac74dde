/** `kaiyan promote`, `kaiyan rollback` and `kaiyan promotions`: which model answers from now on, on record. */
import * as v from 'valibot';
import { writeChosenModel } from '../../chosen-model.js';
import type { Configuration } from '../../config.js';
import { AppError } from '../../errors.js';
import { precisionsOf } from '../../models/bundle.js';
import {
  type Answering,
  isSame,
  type Promotion,
  readPromotions,
  replacedModel,
  settlePromotion,
} from '../../models/promotions.js';
import { referenceOf } from '../../models/reference.js';
import { table } from '../output.js';
import { callService, type ServiceCall } from '../service-call.js';
import { openWhole, presentIn, sayWhatAnswers } from './use-model.js';
import { sayWhatAnswersAt } from './use-model-elsewhere.js';

/** @throws AppError MODEL_*, MODELS_UNWRITABLE, DATA_UNWRITABLE, DISK_FULL */
export async function promote(
  reference: string,
  configuration: Configuration,
  training: string | null = null,
): Promise<void> {
  const from = await chosenIn(configuration);
  await takeOver('promotion', from, { reference, precision: from.precision }, training, configuration);
}

/** Takes back what was chosen for the next start. @throws AppError NOTHING_TO_ROLL_BACK, and what `promote` throws */
export async function rollBack(configuration: Configuration): Promise<void> {
  const { settings } = configuration;
  const from = await chosenIn(configuration);
  const to = replacedModel(await readPromotions(settings.home), from);
  if (!to) throw new AppError('NOTHING_TO_ROLL_BACK', { model: from.reference });
  await takeOver('rollback', from, to, null, configuration);
}

/** What was chosen for the data directory, though a setting may go before it here; else what answers by the settings. */
const chosenIn = ({ settings, chosen }: Configuration): Promise<Answering> =>
  presentIn(
    chosen ? { ...settings, model: chosen.model, precision: chosen.precision ?? settings.precision } : settings,
  );

async function takeOver(
  kind: Promotion['kind'],
  from: Answering,
  wanted: Answering,
  training: string | null,
  configuration: Configuration,
): Promise<void> {
  const { home } = configuration.settings;
  const bundle = await openWhole(wanted.reference, home);
  const reference = referenceOf(bundle.manifest);
  // That of the model before may be one that this one does not have.
  const precision = precisionsOf(bundle).find((one) => one === wanted.precision) ?? 'auto';
  const to: Answering = { reference, precision };
  const isNew = !isSame(from, to);
  if (isNew) await settlePromotion(home, { kind, from, to, training, by: 'command' });
  // A service may have been told something else since.
  else await writeChosenModel(home, { model: reference, precision: to.precision });
  const which = `${reference} (${precision === 'auto' ? precisionsOf(bundle).join(' or ') : precision})`;
  sayWhatAnswers(which, configuration, isNew ? 'from now on' : 'already');
}

/** @throws AppError USAGE, SERVICE_UNREACHABLE, SERVICE_REFUSED */
export const promoteElsewhere = (model: string, url: string, configuration: Configuration): Promise<void> =>
  takeOverElsewhere(url, { method: 'POST', path: 'promotions', body: { model } }, configuration);

/** @throws AppError USAGE, SERVICE_UNREACHABLE, SERVICE_REFUSED */
export const rollBackElsewhere = (url: string, configuration: Configuration): Promise<void> =>
  takeOverElsewhere(url, { method: 'POST', path: 'promotions/rollback' }, configuration);

const answerSchema = v.object({
  promotion: v.object({ to: v.object({ reference: v.string(), precision: v.string() }) }),
});

async function takeOverElsewhere(url: string, call: ServiceCall, { settings }: Configuration): Promise<void> {
  const { reference, precision } = (await callService(url, call, settings, answerSchema)).promotion.to;
  sayWhatAnswersAt(
    url,
    `${reference} (${precision})`,
    'and after its next start too, unless a setting of it names another one',
  );
}

/** The newest first. */
export async function listPromotions({ settings }: Configuration, json: boolean): Promise<void> {
  const promotions = await readPromotions(settings.home);
  if (json) return void process.stdout.write(`${JSON.stringify(promotions, null, 2)}\n`);
  if (promotions.length === 0) return void process.stdout.write('No model was promoted yet.\n');
  const inWords = ({ reference, precision }: Answering) => `${reference} (${precision})`;
  const rows = promotions.map(({ at, kind, from, to, by, training }) => [
    ...[at, kind, inWords(from), inWords(to), by, training ?? ''],
  ]);
  process.stdout.write(`${table([['WHEN', 'WHAT', 'FROM', 'TO', 'BY', 'TRAINING'], ...rows])}\n`);
}
