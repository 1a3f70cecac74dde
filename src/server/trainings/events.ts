/** What happens in a training, as server-sent events. */
import { AppError } from '../../errors.js';
import type { Training } from '../../training/runs/run.js';
import { isOver } from '../../training/runs/training-record.js';
import type { Trainings } from '../../training/runs/trainings.js';
import { createNews, eventOf, HEARTBEAT, HEARTBEAT_MS, LOOK_MS } from '../event-stream.js';
import { viewTraining } from './views.js';

/** How far a training is says nothing new more often than that. */
const PROGRESS_MS = 250;

export interface TrainingEventsOptions {
  readonly trainings: Pick<Trainings, 'get' | 'watch'>;
  readonly id: string;
  /** The client has left, or the service ends. */
  readonly signal: AbortSignal;
}

/** Ends after the end of the training, and if it is deleted. */
export async function* trainingEvents({ trainings, id, signal }: TrainingEventsOptions): AsyncGenerator<string> {
  const news = createNews((hear) => trainings.watch(id, hear), signal);
  const teller = createTeller();
  let spokeAt = performance.now();
  try {
    while (!signal.aborted) {
      news.forget();
      const training = await trainings.get(id);
      const said = teller.newsOf(training) || (performance.now() - spokeAt >= HEARTBEAT_MS ? HEARTBEAT : '');
      if (said !== '') {
        spokeAt = performance.now();
        yield said;
      }
      if (isOver(training.record)) return yield eventOf('end', {}, END);
      await news.next(LOOK_MS);
    }
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'TRAINING_NOT_FOUND')) throw error;
  } finally {
    news.close();
  }
}

const END = 'end';

/** Whether a client that comes back has heard the end; it is not to come again. */
export const hasHeardEnd = (lastEventId: string | undefined, { record }: Training): boolean =>
  isOver(record) && lastEventId === END;

/** Says of a training what it has not said yet, however much came meanwhile. */
function createTeller() {
  let told: Training | undefined;
  let progressAt = 0;

  function newsOf(training: Training): string {
    const before = told;
    told = training;
    if (before?.revision !== training.revision) return eventOf('training', viewTraining(training));
    const { points, findings } = training.record;
    const said = [
      ...points.slice(before.record.points.length).map((point) => eventOf('point', point)),
      ...findings.slice(before.record.findings.length).map((finding) => eventOf('finding', { finding })),
    ];
    const { progress } = training;
    if (progress && progress !== before.progress) {
      const isDue = progress.phase !== before.progress?.phase || performance.now() - progressAt >= PROGRESS_MS;
      if (isDue) {
        progressAt = performance.now();
        said.push(eventOf('progress', progress));
      } else told = { ...training, progress: before.progress };
    }
    return said.join('');
  }

  return { newsOf };
}
