/** What `kaiyan album` says while it works, and at its end. */
import path from 'node:path';
import type { Album, Outcome } from '../album/album.js';
import type { Placement } from '../album/picture-record.js';
import { isOtherFile } from '../dataset/read-picture.js';
import type { Language } from '../labels/label-set.js';
import { describeFailure } from './description.js';
import { percent, visible, writeLine } from './output.js';

export interface ReportOptions {
  /** The photographs' folder, and the album's, as they were given. */
  readonly source: string;
  readonly into: string;
  readonly how: Placement | undefined;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly lang: Language;
  /** Called before a line is written. */
  readonly onLine: () => void;
}

export interface Ending {
  readonly page: string | undefined;
  readonly links: number;
  readonly interrupted: boolean;
}

/** Of failures, so many are listed. */
const LISTED = 1000;

export function createAlbumReport(album: Album, options: ReportOptions) {
  const { dryRun, json } = options;
  const counts = { pictures: 0, fresh: 0, placed: 0, there: 0, keywords: 0, others: 0, failed: 0 };
  const failures: string[] = [];
  const given = (file: string) => path.join(options.source, path.relative(album.source, file));
  const inAlbum = (file: string) => path.join(options.into, path.relative(album.folder, file));

  async function add(outcome: Outcome): Promise<void> {
    const { error } = outcome;
    if (error && isOtherFile(outcome.file, error)) {
      counts.others += 1;
      return;
    }
    tally(outcome);
    if (json) return writeLine(process.stdout, JSON.stringify(inJson(outcome)));
    if (!dryRun || !(outcome.placed || outcome.keywords)) return;
    options.onLine();
    await writeLine(process.stdout, visible(inWords(outcome)));
  }

  function tally(outcome: Outcome): void {
    const { record, placed, keywords, error, isNew } = outcome;
    if (error) fail(outcome);
    if (record) counts.pictures += 1;
    if (isNew) counts.fresh += 1;
    if (placed) counts[placed.how === 'there' ? 'there' : 'placed'] += 1;
    if (keywords) counts.keywords += 1;
  }

  function fail({ file, error }: Outcome): void {
    counts.failed += 1;
    if (error && failures.length < LISTED) failures.push(describeFailure(given(file), error.message, error.code));
  }

  function inJson({ file, isNew, record, placed, keywords, error }: Outcome) {
    return {
      file: given(file),
      new: isNew,
      ...(record && {
        label: record.label?.[options.lang] ?? null,
        probability: record.probability,
        category: record.category?.[options.lang] ?? null,
      }),
      ...(placed && { action: placed.how, to: inAlbum(placed.to) }),
      ...(keywords && { keywords }),
      ...(error && { error: error.message, code: error.code }),
    };
  }

  function inWords({ file, placed, keywords, record }: Outcome): string {
    const action = placed?.how === 'there' ? 'is there' : placed?.how;
    return [
      given(file),
      ...(placed ? [`${action}: ${inAlbum(placed.to)} (${percent(record?.probability ?? 0)})`] : []),
      ...(keywords ? [`keywords: ${keywords.join(', ')}`] : []),
    ].join('  ');
  }

  /** The exit status is 1 if something failed. */
  async function finish(ending: Ending): Promise<void> {
    if (counts.failed > 0) process.exitCode ||= 1;
    const more = counts.failed - failures.length;
    const failed = more > 0 ? [...failures, `and ${more} more that failed`] : failures;
    for (const failure of failed) await writeLine(process.stderr, failure);
    for (const line of [summary(ending), ...remarks(ending)])
      await writeLine(json ? process.stderr : process.stdout, visible(line));
  }

  function remarks({ page, interrupted }: Ending): string[] {
    const undoFile = album.undoFile();
    return [
      ...(interrupted ? ['Interrupted: the same command goes on from here.'] : []),
      ...(dryRun ? ['Nothing was changed.'] : []),
      ...(page ? [`Gallery: ${inAlbum(page)}`] : []),
      ...(undoFile ? [`Undo:    kaiyan album --undo ${quoted(inAlbum(undoFile))}`] : []),
    ];
  }

  function summary({ links }: Ending): string {
    const would = dryRun ? 'would be ' : '';
    const { pictures, fresh, placed, there, keywords, failed, others } = counts;
    const parts = [
      `${counted(pictures, 'picture')}, ${fresh} new`,
      ...(options.how ? [`${placed} ${would}${PAST[options.how]}`] : []),
      ...(there > 0 ? [`${there} there already`] : []),
      ...(keywords > 0 ? [`keywords ${would}written for ${keywords}`] : []),
      ...(failed > 0 ? [`${failed} failed`] : []),
      ...(others > 0 ? [`${counted(others, 'other file')} left out`] : []),
      ...(links > 0 ? [`${counted(links, 'symbolic link')} left out`] : []),
    ];
    return `${parts.join('; ')}.`;
  }

  return { add, finish };
}

const PAST = { copy: 'copied', link: 'linked', move: 'moved' } as const;
const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;

/** As a shell takes it. */
const quoted = (file: string) =>
  /^[\w./@%+=:,][\w./@%+=:,-]*$/.test(file) ? file : `'${file.replaceAll("'", "'\\''")}'`;
