/** A list of pictures and their labels: CSV, or JSONL with an object on each line. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { AppError } from '../errors.js';
import { isFile } from '../folders.js';
import { type CsvRow, csvRows } from './csv-rows.js';
import { PICTURE_NAME } from './labelled-pictures.js';
import type { LabelledFile, LabelledFiles } from './read-dataset.js';

interface Row {
  readonly line: number;
  readonly path: string;
  readonly label: string;
  /** What the picture was called before, if the list says it. */
  readonly name?: string | undefined;
}

const readers: Readonly<Record<string, (text: string, source: string) => Row[] | Promise<Row[]>>> = {
  '.csv': fromCsv,
  '.jsonl': fromJsonLines,
};

const readerOf = (source: string) => readers[path.extname(source).toLowerCase()];

export const isList = (source: string): boolean => readerOf(source) !== undefined;

/** Paths are seen from the folder of the list, or absolute. @throws AppError FILE_UNREADABLE, DATASET_INVALID */
export async function readList(source: string): Promise<LabelledFiles> {
  const text = await readFile(source, 'utf8').catch((error: Error) => {
    throw new AppError('FILE_UNREADABLE', { path: source, reason: error.message });
  });
  const folder = path.resolve(path.dirname(source));
  const rows = (await readerOf(source)?.(text.replace(/^\uFEFF/, ''), source)) ?? [];
  const files = rows.map((row) => {
    if (row.path === '') throw invalid(source, row.line, 'no path');
    if (row.label.trim() === '') throw invalid(source, row.line, 'no label');
    const file = path.resolve(folder, row.path);
    const seen = path.relative(folder, file).split(path.sep).join('/');
    return { path: file, name: seen, label: row.label, called: HASH.test(path.basename(file)) ? row.name : undefined };
  });
  return { labels: files.map(({ label }) => label), files: withOwnNames(files), others: [] };
}

/** Files that are called by their hash, as those of the page's data sets: that tells readers nothing. */
const HASH = /^[0-9a-f]{64}\./;

/** By what they are called, and also by their path where another one is called the same. */
function withOwnNames(files: readonly (LabelledFile & { readonly called: string | undefined })[]): LabelledFile[] {
  const first = new Map(files.map(({ path: file, name }) => [name, file]));
  const shared = new Set<string>();
  for (const { path: file, called = '' } of files) {
    if ((first.get(called) ?? file) !== file) shared.add(called);
    first.set(called, file);
  }
  return files.map(({ called = '', name: seen, ...file }) => {
    const name = called === '' ? seen : shared.has(called) ? `${called} (${seen})` : called;
    return { ...file, name };
  });
}

const PATH_NAMES = ['path', 'file', 'filename', 'filepath', 'image', 'picture'];
const LABEL_NAMES = ['label', 'class', 'category'];

/** With a row of names for the columns, or else the path in the first column and the label in the second. */
async function fromCsv(text: string, source: string): Promise<Row[]> {
  const rows = csvRows(text);
  const names = rows[0]?.cells.map((cell) => cell.trim().toLowerCase()) ?? [];
  const columns = [PATH_NAMES, LABEL_NAMES].map((known) => names.findIndex((name) => known.includes(name)));
  const isHeader = columns.every((column) => column >= 0);
  if (!isHeader) await requireNoNames(rows[0], source);
  const [pathColumn, labelColumn] = (isHeader ? columns : [0, 1]) as [number, number];
  return rows.slice(isHeader ? 1 : 0).map(({ line, cells }) => {
    const [file, label] = [cells[pathColumn], cells[labelColumn]];
    if (file === undefined || label === undefined)
      throw invalid(source, line, `${cells.length === 1 ? 'one cell' : `${cells.length} cells`}`);
    return { line, path: file, label };
  });
}

/** A first line that names no file may be one of names for the columns, which are others. @throws AppError DATASET_INVALID */
async function requireNoNames(row: CsvRow | undefined, source: string): Promise<void> {
  const [file = '', ...others] = row?.cells ?? [];
  if (row === undefined || others.length === 0 || file === '' || PICTURE_NAME.test(file)) return;
  if (await isFile(path.resolve(path.dirname(source), file))) return;
  throw new AppError('DATASET_INVALID', {
    source: `line ${row.line} of ${source}`,
    expected: 'path,label as the names of the columns, or a picture and its label,',
    found: `${row.cells.join(',').slice(0, 80)}, and no file is called ${file.slice(0, 80)}`,
    remedy: 'Correct this line',
  });
}

const lineSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.union([
    v.object({ path: v.string(), label: v.string(), name: v.fallback(v.optional(v.string()), undefined) }),
    v.pipe(
      v.object({ file: v.string(), label: v.string() }),
      v.transform(({ file, label }) => ({ path: file, label })),
    ),
  ]),
);

function fromJsonLines(text: string, source: string): Row[] {
  return text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return [];
    const parsed = v.safeParse(lineSchema, line);
    if (!parsed.success) throw invalid(source, i + 1, line.length > 80 ? `${line.slice(0, 80)}…` : line.trim());
    return [{ line: i + 1, ...parsed.output }];
  });
}

function invalid(source: string, line: number, found: string): AppError {
  const isCsv = path.extname(source).toLowerCase() === '.csv';
  return new AppError('DATASET_INVALID', {
    source: `line ${line} of ${source}`,
    expected: isCsv ? 'a path and a label (photos/1.jpg,ant)' : '{"path": "photos/1.jpg", "label": "ant"}',
    found,
    remedy: 'Correct this line, or take it out',
  });
}
