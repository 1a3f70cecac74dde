/** `kaiyan watch`: answers pictures as they come into a folder, until Ctrl-C. */
import type { Configuration } from '../../config.js';
import { AppError } from '../../errors.js';
import { isFolder } from '../../folders.js';
import { type Answer, answer, answerAll, createUnboundedClassifier } from '../answers.js';
import { catchInterrupt, stop } from '../interrupt.js';
import { visible } from '../output.js';
import { noProgress } from '../progress.js';
import { formatFor, JSON_AND_OUTPUT } from '../results/format.js';
import type { Outcome } from '../results/outcome.js';
import { sinkToFile, sinkToStream } from '../results/sink.js';
import { failuresAtOnce } from '../results/tally.js';
import { type Settled, versionOf } from '../watch/candidates.js';
import { watchForFiles } from '../watch/new-files.js';

export interface WatchFlags {
  readonly recursive: boolean;
  readonly json: boolean;
  /** Also the pictures that are there at the beginning, but for those that `output` has. */
  readonly existing: boolean;
  /** A file for the results, instead of standard output; one that exists is continued. */
  readonly output: string | undefined;
}

/** @throws AppError USAGE, FILE_UNREADABLE when there is no such folder or no more, OUTPUT_UNWRITABLE */
export async function watch(folder: string, { settings }: Configuration, flags: WatchFlags): Promise<void> {
  const { recursive, existing, output } = flags;
  if (flags.json && output !== undefined) throw new AppError('USAGE', { problem: JSON_AND_OUTPUT });
  if (!(await isFolder(folder)))
    throw new AppError('FILE_UNREADABLE', { path: folder, reason: 'it is not a folder that can be watched' });
  const format = output === undefined ? undefined : formatFor(output, settings.top);
  const signal = catchInterrupt({ SIGTERM: 0 });
  const classifier = await createUnboundedClassifier(settings);
  try {
    const sink = await (format && output !== undefined
      ? sinkToFile(output, { format, resume: true, tally: failuresAtOnce })
      : sinkToStream({ json: flags.json, alone: false, lang: settings.lang, clear: () => undefined }));
    const onReady = () => process.stderr.write(`${visible(`Watching ${folder}.`)} Ctrl-C ends it.\n`);
    const { files, again } = watchForFiles(folder, { recursive, existing, except: output, onReady, signal });

    async function* unanswered(): AsyncGenerator<Settled> {
      for await (const next of files) if (!next.existing || sink.claim(next.file)) yield next;
    }

    /** An answer about what the file is now; one that fails may still be on its way, and gets its time. */
    async function work({ file, version, patient }: Settled): Promise<Answer> {
      const answered = await answer({ file, found: true }, { classifier, signal, finish: true });
      const isFailure = typeof answered === 'object' && 'error' in answered;
      const now = await versionOf(file);
      if (now === version && (!isFailure || patient)) return answered;
      if (now === undefined) return isFailure ? 'given up' : answered;
      again(file, { patient: now === version });
      return 'given up';
    }

    /** What cannot be written ends it now: else it would wait for the next picture first. */
    const take = (outcome: Outcome) =>
      sink.take(outcome).catch((error) => {
        stop();
        throw error;
      });

    const { concurrency } = classifier;
    const batch = { items: unanswered(), work, concurrency, progress: noProgress, signal };
    await answerAll({ ...batch, sink: { ...sink, take } });
  } finally {
    await classifier.close();
  }
}
