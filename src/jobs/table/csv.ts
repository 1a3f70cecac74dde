/** Answers as rows of a table for spreadsheets: RFC 4180, with lines that end in CR LF as it says. */
import { referenceOf } from '../../models/reference.js';
import type { ItemError, KeptAnswer } from '../job.js';

/** At the beginning of a file: without it Excel takes UTF-8 for the code page of the machine, and Chinese becomes noise. */
export const BYTE_ORDER_MARK = '\ufeff';

export type Cell = string | number | null;

export const csvLine = (cells: readonly Cell[]): string => `${cells.map(inQuotes).join(',')}\r\n`;

/**
 * What a spreadsheet takes for a formula, whose words may come from a stranger: the name of a file can be `=HYPERLINK(…)`.
 * OWASP's list for CSV injection. The apostrophe itself is there so that one in front is always ours.
 */
const RISKY = /^[=+\-@\t\r\n'＝＋－＠]/;

function inQuotes(cell: Cell): string {
  const text = typeof cell === 'string' && RISKY.test(cell) ? `'${cell}` : `${cell ?? ''}`;
  // Also for ; and tabs: some spreadsheets part cells there, and what follows would begin a cell of its own.
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The texts of the cells that `csvLine` was given; undefined for what it cannot have written. */
export function csvCells(line: string): string[] | undefined {
  const cell = /(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r\n$)/y;
  const cells: string[] = [];
  if (!line.endsWith('\r\n')) return undefined;
  while (cell.lastIndex < line.length) {
    const [, quoted, bare] = cell.exec(line) ?? [];
    const text = quoted?.replaceAll('""', '"') ?? bare;
    if (text === undefined) return undefined;
    cells.push(text.startsWith("'") ? text.slice(1) : text);
  }
  return cells;
}

/** `top` is the number of predictions asked for. */
export const classificationColumns = (top: number): string[] => [
  'file',
  'answer',
  'level',
  'probability',
  ...numbered(top).flatMap((place) => [`label${place}`, `probability${place}`]),
  'category',
  'category_probability',
  'flags',
  'model',
  'error',
  'code',
];

/** A row of these columns. A name that is too unsure to be an answer leaves that cell empty. */
export function classificationCells(
  file: string,
  { answer, predictions, categories, flags, model }: KeptAnswer,
  top: number,
): Cell[] {
  const [category] = categories;
  return [
    ...[file, answer.label, answer.level, answer.probability],
    ...numbered(top).flatMap((place) => {
      const prediction = predictions[place - 1];
      return [prediction?.label ?? null, prediction?.probability ?? null];
    }),
    ...[category?.label ?? null, category?.probability ?? null],
    flags.map(({ name, probability }) => `${name} ${probability}`).join('; '),
    `${referenceOf(model)} ${model.precision}`,
    ...[null, null],
  ];
}

/** A row of the same columns for what has no answer. */
export function errorCells(file: string, { error, code }: ItemError, top: number): Cell[] {
  const empty = classificationColumns(top).length - 3;
  // A sentence may repeat the name; see `inQuotes`, which only helps the first cell of a line.
  const sentence = error.replaceAll(/[;\t](?=[=+\-@])/g, '$& ');
  return [file, ...Array<null>(empty).fill(null), sentence, code];
}

const numbered = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
