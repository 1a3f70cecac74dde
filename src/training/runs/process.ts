/** The process that trains for a service: takes one order, tells how it goes, and ends. */
import { readdirSync } from 'node:fs';
import os from 'node:os';
import { readDataset } from '../../dataset/read-dataset.js';
import { toAppError } from '../../errors.js';
import { dedicateProcess } from '../../image/dedicate.js';
import { readLabels } from '../../models/describe.js';
import { improve } from '../improve.js';
import { train } from '../train.js';
import type { TrainingEvent, TrainingResult } from '../training.js';
import { createPathsIn } from './paths-in.js';
import type { FromTraining, Order, ToTraining } from './protocol.js';
import type { Outcome } from './training-record.js';

/** Those that answer have 5 or less: while they have work, this has what they leave. */
const NICENESS = 15;

/** On Linux a thread takes over the priority of the one that starts it, so those that are there already get it too. */
function giveWay(): void {
  for (const thread of [process.pid, ...threads()]) {
    try {
      os.setPriority(thread, NICENESS);
    } catch {
      // It has ended, or may not be changed: no reason not to train.
    }
  }
}

function threads(): number[] {
  try {
    return readdirSync('/proc/self/task').map(Number);
  } catch {
    return [];
  }
}

function tell(message: FromTraining): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) process.send?.(message, undefined, undefined, () => resolve());
    else resolve();
  });
}

/** @throws AppError as `readDataset`, `train` and `improve` do */
async function trainFor({ settings, options, source, folder }: Order, signal: AbortSignal): Promise<Outcome> {
  const context = { settings, signal, folder, onEvent };
  if (source === 'corrections') {
    const { comparison, ...made } = await improve(options, context);
    return { ...outcomeOf(made), comparison };
  }
  const labels = source.labels === undefined ? undefined : await readLabels(source.labels);
  const dataset = await readDataset(source.pictures, { labels, title: source.name });
  const pathsIn = createPathsIn(dataset);
  return outcomeOf(
    await train(dataset, options, {
      ...context,
      onEvent: (event) => onEvent(event.kind === 'finding' ? { ...event, finding: pathsIn(event.finding) } : event),
    }),
  );
}

function outcomeOf({ stopped, ...made }: TrainingResult): Outcome {
  const { model, pictures, classes, crossValidated, validation, int8 } = made;
  return { stopped, result: { model, pictures, classes, crossValidated, validation, int8 }, comparison: null };
}

function onEvent(event: TrainingEvent): void {
  if (event.kind !== 'unreadable') void tell(event);
}

/** Whoever it trains for is gone. What has been written so far is whole at any moment. */
const endAtOnce = () => void process.kill(process.pid, 'SIGKILL');

giveWay();
dedicateProcess();
// Ctrl-C goes to all processes of a terminal, and the end of a unit to all of it: the service says what is to be done.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.once('disconnect', endAtOnce);

const stopping = new AbortController();
process.on('message', async (message) => {
  const told = message as ToTraining;
  if (told.kind === 'stop') return stopping.abort();
  try {
    await tell({ kind: 'outcome', outcome: await trainFor(told.order, stopping.signal) });
  } catch (thrown) {
    const { code, message: error } = toAppError(thrown);
    await tell({ kind: 'failed', code, error });
  }
  process.off('disconnect', endAtOnce);
  process.disconnect();
});
