/** Where outcomes go: to standard output as they come, or to a file that can be continued. */
import type { Language } from '../../labels/label-set.js';
import { describeClassification, describeFailure } from '../description.js';
import { visible, writeLine } from '../output.js';
import { jsonLine, type ResultFormat } from './format.js';
import type { Outcome } from './outcome.js';
import { openResults } from './result-file.js';
import { grouped, type Tally } from './tally.js';

export interface Sink {
  /** False for a picture that needs no answer: it has one. */
  readonly claim: (file: string) => boolean;
  /** @throws AppError OUTPUT_UNWRITABLE */
  readonly take: (outcome: Outcome) => Promise<void>;
  /** Ends it, and says what there is to say about all; `finished` if they had their turn. @throws AppError OUTPUT_UNWRITABLE */
  readonly close: (finished: boolean) => Promise<void>;
}

export interface StreamOptions {
  readonly json: boolean;
  /** The only picture, which is described at length. */
  readonly alone: boolean;
  readonly lang: Language;
  /** Called before a line on stderr. */
  readonly clear: () => void;
}

/** A file that exists is continued with `resume`, and else refused. @throws AppError USAGE, OUTPUT_UNWRITABLE */
export async function sinkToFile(
  file: string,
  { format, resume, tally }: { readonly format: ResultFormat; readonly resume: boolean; readonly tally: Tally },
): Promise<Sink> {
  const results = await openResults(file, format, { resume });
  if (results.kept > 0)
    process.stderr.write(`${visible(`Going on in ${file}`)}, which has ${grouped(results.kept)} lines.\n`);

  function claim(path: string): boolean {
    const isNew = results.claim(path);
    if (!isNew) tally.skip();
    return isNew;
  }

  async function take(outcome: Outcome): Promise<void> {
    await results.write(outcome);
    tally.add(outcome);
  }

  const close = (finished: boolean) => results.close().finally(() => process.stderr.write(tally.inWords(finished)));
  return { claim, take, close };
}

export function sinkToStream({ json, alone, lang, clear }: StreamOptions): Sink {
  function take(outcome: Outcome): Promise<void> {
    if (json) return writeLine(process.stdout, jsonLine(outcome));
    const { file } = outcome;
    if ('classification' in outcome)
      return writeLine(process.stdout, describeClassification(file, outcome.classification, alone, lang));
    clear();
    return writeLine(process.stderr, describeFailure(file, outcome.error.message, outcome.error.code));
  }
  return { claim: () => true, take, close: () => Promise.resolve() };
}
