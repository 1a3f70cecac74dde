/** `kaiyan doctor`: is everything as it should be on this machine, and if not, what to do. */
import type { Configuration } from '../../config.js';
import type { Check } from '../doctor/check.js';
import { checkMachine } from '../doctor/machine.js';
import { checkModels } from '../doctor/models.js';
import { catchInterrupt } from '../interrupt.js';
import { pad, visible, writeLine } from '../output.js';

/** A line for each check as soon as it is done, or all as a JSON array; exit status 1 if there is a problem. */
export async function doctor(configuration: Configuration, json: boolean): Promise<void> {
  const signal = catchInterrupt();
  const checks: Check[] = [];
  for await (const check of everyCheck(configuration, signal)) {
    if (signal.aborted) return;
    checks.push(check);
    if (!json) await writeLine(process.stdout, inWords(check));
  }
  await writeLine(process.stdout, json ? JSON.stringify(checks, null, 2) : `\n${summary(checks)}`);
  if (checks.some(({ status }) => status === 'problem')) process.exitCode ||= 1;
}

async function* everyCheck(configuration: Configuration, signal: AbortSignal): AsyncGenerator<Check> {
  yield* checkMachine(configuration);
  yield* checkModels(configuration.settings, signal);
}

const STATUS_WIDTH = 'problem'.length;
const NAME_WIDTH = 'model efficientnet-lite0'.length;

function inWords({ status, name, seen, advice }: Check): string {
  const line = `${pad(status, STATUS_WIDTH)}  ${pad(visible(name), NAME_WIDTH)}  ${visible(seen)}`;
  return advice === null ? line : `${line}\n${pad('', STATUS_WIDTH + NAME_WIDTH + 2)}  → ${visible(advice)}`;
}

function summary(checks: readonly Check[]): string {
  const count = (wanted: Check['status']) => checks.filter(({ status }) => status === wanted).length;
  const counted = (n: number, noun: string) => `${n} ${noun}${n === 1 ? '' : 's'}`;
  const [problems, warnings] = [count('problem'), count('warning')];
  if (problems > 0) return `${counted(problems, 'problem')}, ${counted(warnings, 'warning')}.`;
  return warnings > 0 ? `No problem, ${counted(warnings, 'warning')}.` : 'All is well.';
}
