/** Pictures of a job as they are kept here: what is shown of each in lists, so that ten thousand take little memory. */
import type { JobItem } from '../../api/types.ts';

export type State = JobItem['state'];

export interface Kind {
  /** The key, in every language. */
  readonly name: string;
  readonly label: string;
}

export interface Row {
  /** Position in the job. */
  readonly item: number;
  readonly name: string;
  readonly state: State;
  /** Grows with each outcome. */
  readonly sequence: number;
  readonly answer: RowAnswer | null;
  /** Empty for none. */
  readonly code: string;
  readonly error: string;
  readonly hasThumbnail: boolean;
}

export interface RowAnswer {
  readonly level: 'class' | 'group' | 'unsure';
  readonly label: string;
  readonly group: string | null;
  /** The most probable class. */
  readonly best: { readonly index: number; readonly label: string } | null;
  /** Of what is named; of the best class where nothing is. */
  readonly probability: number;
  /** Those that are more likely than not, the most probable first. */
  readonly categories: readonly Kind[];
  readonly flags: readonly string[];
  /** `NAME@VERSION`. */
  readonly model: string;
}

/** From which a picture is said to be of a category. */
const LIKELY = 0.5;

export function rowOf({ item, name, state, sequence, result, code, error, thumbnail }: JobItem): Row {
  return {
    ...{ item, name, state, sequence },
    answer: result ? answerOf(result) : null,
    code: code ?? '',
    error: error ?? '',
    hasThumbnail: thumbnail !== undefined,
  };
}

function answerOf({ answer, predictions, categories, flags, model }: NonNullable<JobItem['result']>): RowAnswer {
  const [best] = predictions;
  return {
    level: answer.level,
    label: answer.label ?? '',
    group: answer.group,
    best: best ? { index: best.index, label: best.label } : null,
    probability: answer.probability,
    categories: categories
      .filter(({ probability }) => probability >= LIKELY)
      .map(({ name, label }) => ({ name, label })),
    flags: flags.map(({ name }) => name),
    model: `${model.name}@${model.version}`,
  };
}

/** More are not kept: their job's downloads have them. */
export const MOST_ROWS = 20_000;

export interface Rows {
  readonly put: (items: readonly JobItem[]) => void;
  /** What has no outcome gets none. */
  readonly cancelWaiting: () => void;
  /** In their order in the job. */
  readonly all: () => readonly Row[];
}

/** The latest of each picture, also where one is told twice or late. */
export function createRows(most = MOST_ROWS): Rows {
  const rows = new Map<number, Row>();
  const put = (row: Row) => {
    const known = rows.get(row.item);
    if (row.item < most && !(known && known.sequence > row.sequence)) rows.set(row.item, row);
  };
  return {
    put: (items) => items.map(rowOf).forEach(put),
    cancelWaiting: () => {
      for (const row of rows.values()) if (row.state === 'waiting') rows.set(row.item, { ...row, state: 'canceled' });
    },
    all: () => [...rows.values()].sort((one, other) => one.item - other.item),
  };
}
