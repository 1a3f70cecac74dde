/** What reads and changes the books in Redis: Lua scripts, each one atomic and harmless when it runs twice, since a reply can be lost. */
import { createHash } from 'node:crypto';
import { jobScripts } from './scripts/job.js';
import { readingScripts } from './scripts/reading.js';
import { receivingScripts } from './scripts/receiving.js';
import { shared } from './scripts/shared.js';
import { workScripts } from './scripts/work.js';

const bodies = { ...receivingScripts, ...jobScripts, ...readingScripts, ...workScripts };

export type ScriptName = keyof typeof bodies;

export interface Script {
  readonly text: string;
  /** By which Redis knows it once it has run. */
  readonly hash: string;
}

export const scripts = Object.fromEntries(
  Object.entries(bodies).map(([name, body]) => {
    const text = `${shared}\n${body}`;
    return [name, { text, hash: createHash('sha1').update(text).digest('hex') }];
  }),
) as Readonly<Record<ScriptName, Script>>;
