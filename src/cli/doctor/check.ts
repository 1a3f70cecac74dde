/** What one check of `kaiyan doctor` found. */
import { AppError, toAppError } from '../../errors.js';

export interface Check {
  readonly name: string;
  /** A warning does not stop Kaiyan from answering; a problem does, or makes answers wrong. */
  readonly status: 'ok' | 'warning' | 'problem';
  readonly seen: string;
  /** What to do; null if there is nothing. */
  readonly advice: string | null;
  readonly figures?: Readonly<Record<string, number>>;
}

/** What a check has found, without its name. */
export type Finding = Omit<Check, 'name'>;

export const ok = (seen: string, figures?: Check['figures']): Finding => ({
  ...{ status: 'ok', seen, advice: null },
  ...(figures && { figures }),
});
export const warning = (seen: string, advice: string): Finding => ({ status: 'warning', seen, advice });
export const problem = (seen: string, advice: string): Finding => ({ status: 'problem', seen, advice });

/** Looks, and makes a problem of whatever is thrown: its first sentence was seen, the others say what to do. */
export async function check(name: string, look: () => Finding | Promise<Finding>): Promise<Check> {
  try {
    return { name, ...(await look()) };
  } catch (thrown) {
    const { message } = thrown instanceof AppError ? thrown : toAppError(thrown);
    const [, seen = message, advice = 'Install Kaiyan again.'] = /^(.*?\.) ([A-Z].*)$/s.exec(message) ?? [];
    return { name, ...problem(seen, advice) };
  }
}
