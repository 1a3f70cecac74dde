/** A training of the service as it is now: what is kept of it, and what ends with the service. */
import { toAppError } from '../../errors.js';
import type { Child, Ending } from './child.js';
import type { ToldEvent } from './protocol.js';
import type { Progress, TrainingRecord } from './training-record.js';

export interface Training {
  readonly record: TrainingRecord;
  /** Null unless it runs. */
  readonly progress: Progress | null;
  /** Changes with its state. */
  readonly revision: number;
}

export interface Run {
  record: TrainingRecord;
  progress: Progress | null;
  revision: number;
  child: Child | undefined;
  /** It is on the disk: before that it is nothing that could begin. */
  isKept: boolean;
  isStopping: boolean;
  isRemoved: boolean;
}

export const runOf = (record: TrainingRecord, isKept: boolean): Run => ({
  ...{ record, progress: null, revision: 0, child: undefined, isKept, isStopping: false, isRemoved: false },
});

export const viewOf = ({ record, progress, revision }: Run): Training => ({ record, progress, revision });

/** What its process tells becomes part of it. */
export function takeIn(run: Run, event: ToldEvent): void {
  const { record } = run;
  if (event.kind === 'progress') {
    const { kind, ...progress } = event;
    run.progress = progress;
  } else if (event.kind === 'point') {
    const { kind, ...point } = event;
    // One that goes on may tell an epoch again.
    const before = record.points.filter((one) => one.point.epoch < point.point.epoch);
    if (before.length < record.points.length) run.revision += 1;
    run.record = { ...record, points: [...before, point] };
  } else run.record = { ...record, findings: [...record.findings, event.finding] };
}

/** What the end of its process makes of it. */
export function changesBy(ending: Ending): Partial<TrainingRecord> {
  if (ending.kind === 'killed') return { state: 'stopped' };
  if (ending.kind === 'outcome') {
    const { stopped, ...outcome } = ending.outcome;
    return { state: stopped ? 'stopped' : 'done', ...outcome };
  }
  const { code, error } = ending;
  return code === 'ABORTED' ? { state: 'stopped' } : { state: 'failed', error: { code, error } };
}

/** For one whose process could not even begin. */
export function failureOf(thrown: unknown): Ending {
  const { code, message: error } = toAppError(thrown);
  return { kind: 'failed', code, error };
}
