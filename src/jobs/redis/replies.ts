/** What the scripts answer, as jobs and items; and items as the scripts keep them. */
import * as v from 'valibot';
import type { ErrorCode } from '../../errors.js';
import type { Item, ItemError, Job, JobOptions, JobState, KeptAnswer, NewItem, PictureSource } from '../job.js';

const text = v.nullable(v.string());
const jobReply = v.tuple([v.string(), text, text, text, text, text, text, text, text, text, text]);
const rowReply = v.tuple([v.number(), v.string(), v.number(), v.string(), v.string(), v.string()]);

export const jobsReply = v.nullable(v.array(jobReply));
export const oneJobReply = v.nullable(jobReply);
export const jobAndTicketsReply = v.nullable(v.tuple([jobReply, v.array(v.string())]));
export const rowsReply = v.nullable(v.tuple([v.number(), v.array(rowReply)]));
export const textsReply = v.array(v.string());
export const handReply = v.tuple([
  v.string(),
  v.number(),
  v.number(),
  v.array(v.tuple([v.number(), v.string()])),
  v.array(v.string()),
]);

const timeOf = (value: string | null): number | undefined => (value === null ? undefined : Number(value));

export function jobOf([id, ...values]: v.InferOutput<typeof jobReply>): Job {
  const [state, options, total, answered, failed, recorded, created, started, ended, expires] = values;
  const counts = { total: Number(total), answered: Number(answered), failed: Number(failed) };
  const undone = counts.total - counts.answered - counts.failed;
  return {
    id,
    state: state as JobState,
    options: JSON.parse(options ?? '{}') as JobOptions,
    counts: { ...counts, canceled: state === 'canceled' ? undone : 0 },
    recorded: Number(recorded),
    createdAt: Number(created),
    startedAt: timeOf(started),
    endedAt: timeOf(ended),
    expiresAt: Number(expires),
  };
}

/**
 * An item as it was sent: `s` and the bytes of a picture that was, its name and hash; `p`, its name and where it is; or `e` and its
 * name for one with an error. The scripts read only what is before the JSON, since a name may be no text to Lua's parser.
 */
export function lineOf(item: NewItem): string {
  if ('error' in item) return `e ${JSON.stringify([item.name])}`;
  if ('path' in item) return `p ${JSON.stringify([item.name, item.path])}`;
  return `s${item.bytes} ${JSON.stringify([item.name, item.sha256])}`;
}

export function nameAndSourceOf(line: string): { readonly name: string; readonly source: PictureSource } {
  const space = line.indexOf(' ');
  const [name, place = ''] = JSON.parse(line.slice(space)) as [string, string?];
  return {
    name,
    source: line.startsWith('s') ? { sha256: place, bytes: Number(line.slice(1, space)) } : { path: place },
  };
}

const STATES = { w: 'waiting', a: 'answered', f: 'failed', c: 'canceled' } as const;
type Letter = keyof typeof STATES;

export const lettersOf = (states: readonly Item['state'][]): string => states.map((state) => state[0]).join('');

export function itemOf([item, letter, sequence, line, hash, rest]: v.InferOutput<typeof rowReply>): Item {
  const { name, source } = nameAndSourceOf(line);
  const error =
    letter === 'f' ? (JSON.parse(rest) as { code: ErrorCode; error: string } satisfies ItemError) : undefined;
  return {
    ...{ item, name, sequence, error },
    sha256: hash !== '-' ? hash : 'sha256' in source ? source.sha256 : undefined,
    state: STATES[letter as Letter],
    answer: letter === 'a' && rest !== '' ? (JSON.parse(rest) as KeptAnswer) : undefined,
  };
}
