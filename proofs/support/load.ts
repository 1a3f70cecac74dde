/** Starts clients of a service, and tells what they met. */
import type { Load, LoadReport } from './load-process.js';
import { startProcess } from './processes.js';

export type { LoadReport } from './load-process.js';

/** Runs them to their end; `onAnswers` hears how many were answered by now. */
export async function runLoad(
  load: Load,
  onAnswers: (answered: number) => void = () => undefined,
): Promise<LoadReport> {
  const started = startProcess('load-process.js', [JSON.stringify(load)]);
  let report: LoadReport | undefined;
  for await (const line of started.lines) {
    const message = JSON.parse(line) as LoadReport | { readonly answered: number };
    if ('answered' in message) onAnswers(message.answered);
    else report = message;
  }
  const { status, signal } = await started.ended;
  if (!report || status !== 0) throw new Error(`the clients ended with ${signal ?? status}`);
  return report;
}

/** Answers with 200 a second. */
export const rateOf = ({ statuses, seconds }: LoadReport): number => (statuses['200'] ?? 0) / seconds;

/** What a service may not do under a load, whatever it is. */
export function brokenPromises(name: string, report: LoadReport, allowed: readonly number[]): string[] {
  const others = Object.keys(report.statuses).filter((status) => !allowed.includes(Number(status)));
  const answered = Object.values(report.statuses).reduce((sum, count) => sum + count, 0);
  return [
    ...others.map((status) => `${name}: ${report.statuses[status]} answers with ${status}`),
    ...(report.errors > 0 ? [`${name}: ${report.errors} connection errors (${report.firstErrors.join('; ')})`] : []),
    ...(report.withoutHint > 0 ? [`${name}: ${report.withoutHint} refusals without Retry-After`] : []),
    ...(answered + report.errors === report.sent
      ? []
      : [`${name}: ${report.sent - answered} of ${report.sent} requests had no answer`]),
  ];
}
