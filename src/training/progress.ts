/** How far a training is, and how long the phase it is in will take. */
import type { Phase, TrainingEvent } from './training.js';

export type ReportPhase = (phase: Phase, done: number, total: number, secondsLeft?: number | null) => void;

export function createPhaseReporter(onEvent: (event: TrainingEvent) => void): ReportPhase {
  let current: Phase | undefined;
  let [begunAt, first] = [0, 0];

  return (phase, done, total, given) => {
    const now = performance.now();
    if (phase !== current) [current, begunAt, first] = [phase, now, done];
    const seconds = (now - begunAt) / 1000;
    const guessed = done > first ? Math.round((seconds / (done - first)) * (total - done)) : null;
    onEvent({ kind: 'progress', phase, done, total, secondsLeft: given === undefined ? guessed : given });
  };
}
