/** How results are written to a file, and told from what others wrote. */
import path from 'node:path';
import * as v from 'valibot';
import { AppError } from '../../errors.js';
import {
  BYTE_ORDER_MARK,
  classificationCells,
  classificationColumns,
  csvCells,
  csvLine,
  errorCells,
} from '../../jobs/table/csv.js';
import type { Outcome } from './outcome.js';

/** All lines include the line break at their end. */
export interface ResultFormat {
  /** The first line; empty for a format without one. */
  readonly header: string;
  /** How every other line begins. */
  readonly beginning: string;
  /** Whether a line break between quotes belongs to the line. */
  readonly quoted: boolean;
  readonly line: (outcome: Outcome) => string;
  /** The path that a line is about; undefined if it is none of ours. */
  readonly fileOf: (line: string) => string | undefined;
}

/** By the end of the file's name; `top` is the number of predictions asked for. @throws AppError USAGE */
export function formatFor(file: string, top: number): ResultFormat {
  const extension = path.extname(file).toLowerCase();
  if (extension === '.jsonl') return jsonLines;
  if (extension === '.csv') return csv(top);
  throw new AppError('USAGE', {
    problem: `Expected the name of the output to end in .jsonl or .csv, but it is "${file}". The end of the name says how results are written: one JSON object a line, or a table.`,
  });
}

export const JSON_AND_OUTPUT =
  'Expected --json or --output, but got both. The end of the name says how a file is written: .jsonl or .csv.';

export function jsonLine(outcome: Outcome): string {
  const { file } = outcome;
  if ('classification' in outcome) return JSON.stringify({ file, ...outcome.classification });
  const { message, code } = outcome.error;
  return JSON.stringify({ file, error: message, code });
}

const lineSchema = v.union([
  v.object({ file: v.string(), answer: v.object({}) }),
  v.object({ file: v.string(), code: v.string() }),
]);

const jsonLines: ResultFormat = {
  header: '',
  beginning: '{"file":"',
  quoted: false,
  line: (outcome) => `${jsonLine(outcome)}\n`,
  fileOf: (line) => {
    const result = v.safeParse(lineSchema, parsed(line));
    return result.success ? result.output.file : undefined;
  },
};

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** Each prediction takes two columns. */
const MOST_IN_TABLE = 100;

function csv(top: number): ResultFormat {
  if (top > MOST_IN_TABLE)
    throw new AppError('USAGE', {
      problem: `Expected at most ${MOST_IN_TABLE} predictions (--top) in a table, but ${top} are asked for. Ask for fewer, or write to FILE.jsonl.`,
    });
  const columns = classificationColumns(top);
  return {
    header: BYTE_ORDER_MARK + csvLine(columns),
    beginning: '',
    quoted: true,
    line: (outcome) => {
      if ('classification' in outcome) return csvLine(classificationCells(outcome.file, outcome.classification, top));
      const { message, code } = outcome.error;
      return csvLine(errorCells(outcome.file, { error: message, code }, top));
    },
    fileOf: (line) => {
      const cells = csvCells(line);
      return cells?.length === columns.length && cells[0] ? cells[0] : undefined;
    },
  };
}
