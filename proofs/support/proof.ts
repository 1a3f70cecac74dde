/** The frame of a proof: its options, its one line, its exit status. */
import { parseArgs } from 'node:util';

export interface ProofOptions {
  /** A minute or less. */
  readonly short: boolean;
  /** Where all that is drawn by chance begins. */
  readonly seed: number;
}

export interface ProofResult {
  /** What was measured, each figure with its bound. */
  readonly figures: string;
  /** What broke a bound, one sentence each. */
  readonly violations: readonly string[];
}

const MOST_SHOWN = 20;

/** Runs a proof and prints its line; `missing` says what it needs and this machine does not have. */
export async function prove(
  name: string,
  missing: string | false,
  proof: (options: ProofOptions) => Promise<ProofResult>,
): Promise<void> {
  if (missing) return void process.stdout.write(`${name}: skipped, ${missing}\n`);
  const { values } = parseArgs({ options: { short: { type: 'boolean' }, seed: { type: 'string', default: '1' } } });
  const unheard: string[] = [];
  process.on('unhandledRejection', (reason) => unheard.push(`unhandled rejection: ${String(reason)}`));
  const result = await proof({ short: values.short ?? false, seed: Number(values.seed) });
  const violations = [...result.violations, ...unheard];
  for (const violation of violations.slice(0, MOST_SHOWN)) process.stderr.write(`  ${violation}\n`);
  if (violations.length > MOST_SHOWN) process.stderr.write(`  and ${violations.length - MOST_SHOWN} more\n`);
  process.stdout.write(`${name}: ${result.figures} — ${violations.length === 0 ? 'ok' : 'BROKEN'}\n`);
  // What broke a bound may also hold the process.
  if (violations.length > 0) process.exit(1);
}

/** Shows on a terminal how far a proof is. */
export function showProgress(done: number, total: number): void {
  if (process.stderr.isTTY) process.stderr.write(done < total ? `\r${done} of ${total} ` : '\r\x1b[K');
}
