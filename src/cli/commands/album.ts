/** `kaiyan album`: sorts the photographs of a folder, names what they show, and makes a gallery of them. */
import { type AlbumOptions, openAlbum } from '../../album/album.js';
import { undoAlbum } from '../../album/undo.js';
import type { Configuration } from '../../config.js';
import { AppError } from '../../errors.js';
import { mapInOrder } from '../../map-in-order.js';
import { createAlbumReport } from '../album-report.js';
import { catchInterrupt } from '../interrupt.js';
import { visible, writeLine } from '../output.js';
import { createStepProgress } from '../progress.js';

export type AlbumFlags = Omit<AlbumOptions, 'source' | 'settings' | 'signal'> & { readonly json: boolean };

/** Bad files are listed at the end and the rest go on; the exit status is then 1. @throws AppError as `openAlbum` does */
export async function makeAlbum(source: string, { settings }: Configuration, flags: AlbumFlags): Promise<void> {
  const { into = source, how } = flags;
  if (how && flags.into === undefined) {
    const problem = `Expected a folder to ${how} the pictures to, but there is none. Name one with --into.`;
    throw new AppError('USAGE', { problem });
  }
  const signal = catchInterrupt();
  const album = await openAlbum({ ...flags, source, settings, signal });
  const progress = createStepProgress();
  const report = createAlbumReport(album, { ...flags, how, source, into, lang: settings.lang, onLine: progress.hide });
  let links = 0;
  let done = 0;
  try {
    const total = process.stderr.isTTY ? await count(album.files()) : 0;
    const files = album.files(() => {
      links += 1;
    });
    for await (const look of mapInOrder(files, album.concurrency, album.look, signal)) {
      // What Ctrl-C met half-way is for the next run.
      if ('error' in look && look.error.code === 'ABORTED') continue;
      await report.add(await album.settle(look));
      done += 1;
      progress.show('files', done, Math.max(done, total));
    }
    const page = signal.aborted ? undefined : await album.finish();
    progress.hide();
    await report.finish({ page, links, interrupted: signal.aborted });
  } catch (error) {
    progress.hide();
    await report.finish({ page: undefined, links, interrupted: true });
    throw error;
  } finally {
    progress.hide();
    await album.close();
  }
}

async function count(items: AsyncIterable<unknown>): Promise<number> {
  let counted = 0;
  for await (const _item of items) counted += 1;
  return counted;
}

/** What could not be taken back is told, with the reason; the exit status is then 1. @throws AppError as `undoAlbum` does */
export async function undo(target: string, { dryRun, json }: Pick<AlbumFlags, 'dryRun' | 'json'>): Promise<void> {
  const signal = catchInterrupt();
  const counts = { restored: 0, removed: 0, kept: 0 };
  for await (const undone of undoAlbum(target, { dryRun, signal })) {
    const { path: file, kind, reason } = undone;
    counts[kind] += 1;
    if (json) await writeLine(process.stdout, JSON.stringify(undone));
    else if (kind === 'kept') await writeLine(process.stderr, visible(`${file}: left as it is, since ${reason}`));
    else if (dryRun) await writeLine(process.stdout, visible(`${file}: would be ${kind}`));
  }
  if (counts.kept > 0) process.exitCode ||= 1;
  const would = dryRun ? 'would be ' : '';
  const summary = `${counts.restored} ${would}restored, ${counts.removed} ${would}removed, ${counts.kept} left.`;
  await writeLine(json ? process.stderr : process.stdout, summary);
  if (signal.aborted) await writeLine(process.stderr, 'Interrupted: the same command goes on from here.');
}
