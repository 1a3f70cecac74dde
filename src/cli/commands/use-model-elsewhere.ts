/** `kaiyan models use --url`: tells a running service which model is to answer. */
import * as v from 'valibot';
import { type Configuration, flagOf } from '../../config.js';
import { referenceOf } from '../../models/reference.js';
import { visible } from '../output.js';
import { callService } from '../service-call.js';

const answerSchema = v.object({ name: v.string(), version: v.string(), precision: v.string() });

/** @throws AppError USAGE, SERVICE_UNREACHABLE, SERVICE_REFUSED */
export async function useModelElsewhere(
  model: string,
  url: string,
  { settings, sources }: Configuration,
): Promise<void> {
  const { precision } = settings;
  const body = { model, ...(sources.precision === flagOf('precision') && { precision }) };
  const call = { method: 'PUT', path: 'models/active', body } as const;
  const active = await callService(url, call, settings, answerSchema);
  sayWhatAnswersAt(url, `${referenceOf(active)} (${active.precision})`, 'until it ends');
}

export function sayWhatAnswersAt(url: string, which: string, howLong: string): void {
  process.stdout.write(`${visible(`${which} answers in the service at ${url} now, ${howLong}.`)}\n`);
}
