/** `kaiyan dataset split`: a data set in parts. */
import path from 'node:path';
import type { Configuration } from '../../config.js';
import type { Dataset } from '../../dataset/dataset.js';
import { groupDuplicates } from '../../dataset/duplicates.js';
import { fingerprintPictures } from '../../dataset/fingerprints.js';
import { classesOfOneGroup } from '../../dataset/folds.js';
import { readDataset, requirePictures } from '../../dataset/read-dataset.js';
import { PARTS, type Part, type Split, type SplitOptions, splitPictures } from '../../dataset/split.js';
import { requireEmpty, type SplitForm, writeSplit } from '../../dataset/write-split.js';
import { AppError } from '../../errors.js';
import { listed } from '../../training/check/words.js';
import { describeFailure } from '../description.js';
import { catchInterrupt } from '../interrupt.js';
import { table, visible, writeLine } from '../output.js';
import { createStepProgress } from '../progress.js';

export interface SplitFlags extends SplitOptions {
  readonly output: string;
  readonly form: SplitForm;
  readonly json: boolean;
}

/**
 * What cannot be read is reported, left out, and makes the exit status 1.
 * @throws AppError as `readDataset`, `fingerprintPictures` and `writeSplit` do, USAGE for an output within the source
 */
export async function splitDataset(source: string, { settings }: Configuration, flags: SplitFlags): Promise<void> {
  const signal = catchInterrupt();
  requireOutside(source, flags.output);
  await requireEmpty(flags.output);
  const dataset = await readDataset(source);
  requirePictures(dataset);
  const progress = createStepProgress();
  const { readable, unreadable } = await fingerprintPictures(dataset.pictures, {
    ...{ settings, signal },
    onProgress: (done, total) => progress.show('reading', done, total),
  }).finally(progress.hide);
  const { groups, exact, near } = await groupDuplicates(readable, signal);
  const labels = Int32Array.from(readable, ({ picture }) => picture.label);
  const onlyCopies = [...classesOfOneGroup(labels, groups).keys()].map((label) => labelOf(dataset, label)).sort();
  const split = splitPictures(labels, groups, flags);
  const notInAll = classesNotInAll(split, labels)
    .map((label) => labelOf(dataset, label))
    .sort();
  const pictures = readable.map(({ picture }) => ({ path: picture.path, label: labelOf(dataset, picture.label) }));
  const files = await writeSplit(pictures, split, {
    ...{ folder: flags.output, form: flags.form, signal },
    onProgress: (done, total) => progress.show('writing', done, total),
  }).finally(progress.hide);

  const parts = partsOf(split, labels, files, flags.output);
  const copies = new Set([...exact, ...near].flat()).size;
  const failed = unreadable.map(({ picture, error }) => ({
    file: picture.name,
    error: error.message,
    code: error.code,
  }));
  if (failed.length > 0) process.exitCode ||= 1;
  if (flags.json) {
    return writeLine(
      process.stdout,
      JSON.stringify({ parts, copies, onlyCopies, notInAll, unreadable: failed, others: dataset.others }, null, 2),
    );
  }
  for (const { file, error, code } of failed) process.stderr.write(`${describeFailure(file, error, code)}\n`);
  await writeLine(process.stdout, describe(parts, { copies, onlyCopies, notInAll, others: dataset.others.length }));
}

const labelOf = ({ classes }: Dataset, position: number) => classes[position]?.label ?? '';

/** Of the parts that have pictures. */
function classesNotInAll(split: Split, labels: Int32Array): number[] {
  const parts = PARTS.map((part) => new Set(split[part].map((i) => labels[i] as number)));
  const written = parts.filter(({ size }) => size > 0);
  return [...new Set(labels)].filter((label) => !written.every((classes) => classes.has(label)));
}

interface WrittenPart {
  readonly part: Part;
  readonly path: string;
  readonly pictures: number;
  readonly classes: number;
}

function partsOf(
  split: Split,
  labels: Int32Array,
  files: Partial<Record<Part, string>>,
  output: string,
): WrittenPart[] {
  return PARTS.flatMap((part) => {
    const [file, members] = [files[part], split[part]];
    if (file === undefined) return [];
    const classes = new Set(members.map((i) => labels[i])).size;
    return [{ part, path: path.join(output, file), pictures: members.length, classes }];
  });
}

interface Beside {
  readonly copies: number;
  /** Classes that have nothing else. */
  readonly onlyCopies: readonly string[];
  /** Classes that have too few pictures to be in every part, not counting copies. */
  readonly notInAll: readonly string[];
  readonly others: number;
}

function describe(parts: readonly WrittenPart[], { copies, onlyCopies, notInAll, others }: Beside): string {
  const rows = parts.map(({ part, path: file, pictures, classes }) => [part, `${pictures}`, `${classes}`, file]);
  return [
    table([['PART', 'PICTURES', 'CLASSES', 'WRITTEN TO'], ...rows]),
    ...(copies > 0 ? [`${copies} pictures are copies of others, and stay with them.`] : []),
    ...(onlyCopies.length > 0
      ? [
          visible(
            `But these classes have nothing but copies of one picture, and are parted all the same: ${listed(onlyCopies).en}. What is measured of them is too good.`,
          ),
        ]
      : []),
    ...(notInAll.length > 0
      ? [
          visible(
            `These classes are not in every part, as they have too few pictures for that (copies count as one): ${listed(notInAll).en}.`,
          ),
        ]
      : []),
    ...(others > 0
      ? [
          others === 1
            ? '1 file is left out: "kaiyan dataset check" names it.'
            : `${others} files are left out: "kaiyan dataset check" names them.`,
        ]
      : []),
  ].join('\n');
}

/** A folder in there would be a class the next time. @throws AppError USAGE */
function requireOutside(source: string, output: string): void {
  const seen = path.relative(path.resolve(source), path.resolve(output));
  if (seen.startsWith('..') || path.isAbsolute(seen)) return;
  const problem = `Expected an output outside of ${source}, but got ${output}, which would be taken for a class the next time. Name another folder (--output FOLDER).`;
  throw new AppError('USAGE', { problem });
}
