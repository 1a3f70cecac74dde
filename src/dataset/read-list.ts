/** A list of pictures and their labels: CSV, or JSONL with an object on each line. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { AppError } from '../errors.js';
import { csvRows } from './csv-rows.js';
import type { LabelledFile, LabelledFiles } from './read-dataset.js';

interface Row {
  readonly line: number;
  readonly path: string;
  readonly label: string;
}

const readers: Readonly<Record<string, (text: string, source: string) => Row[]>> = {
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
  const rows = readerOf(source)?.(text.replace(/^\uFEFF/, ''), source) ?? [];
  const files = rows.map((row): LabelledFile => {
    if (row.path === '') throw invalid(source, row.line, 'no path');
    if (row.label.trim() === '') throw invalid(source, row.line, 'no label');
    const file = path.resolve(folder, row.path);
    return { path: file, name: path.relative(folder, file).split(path.sep).join('/'), label: row.label };
  });
  return { labels: files.map(({ label }) => label), files, others: [] };
}

const PATH_NAMES = ['path', 'file', 'filename', 'filepath', 'image', 'picture'];
const LABEL_NAMES = ['label', 'class', 'category'];

/** With a row of names for the columns, or else the path in the first column and the label in the second. */
function fromCsv(text: string, source: string): Row[] {
  const rows = csvRows(text);
  const names = rows[0]?.cells.map((cell) => cell.trim().toLowerCase()) ?? [];
  const columns = [PATH_NAMES, LABEL_NAMES].map((known) => names.findIndex((name) => known.includes(name)));
  const isHeader = columns.every((column) => column >= 0);
  const [pathColumn, labelColumn] = (isHeader ? columns : [0, 1]) as [number, number];
  return rows.slice(isHeader ? 1 : 0).map(({ line, cells }) => {
    const [file, label] = [cells[pathColumn], cells[labelColumn]];
    if (file === undefined || label === undefined)
      throw invalid(source, line, `${cells.length === 1 ? 'one cell' : `${cells.length} cells`}`);
    return { line, path: file, label };
  });
}

const lineSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.union([
    v.object({ path: v.string(), label: v.string() }),
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
