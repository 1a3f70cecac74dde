/** What a job is called: it has no name of its own, but its pictures have. */
import type { Say } from '../../i18n/i18n.ts';
import type { BatchWords } from './messages.ts';

/** The folder of its first picture, or that picture's name and how many come after it. */
export function nameOfJob(first: string | undefined, total: number, say: Say<BatchWords>): string {
  if (first === undefined || first === '') return say('pictures', { count: total });
  const folder = first.slice(0, Math.max(first.indexOf('/'), 0));
  if (folder !== '') return folder;
  return total === 1 ? first : say('andMore', { name: first, count: total - 1, total });
}
