/** The process that trains for a service: takes one order, tells how it goes, and ends. */
import { readdirSync } from 'node:fs';
import os from 'node:os';
import { toAppError } from '../../errors.js';
import { dedicateProcess } from '../../image/dedicate.js';
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

async function trainFor(_order: Order, _signal: AbortSignal): Promise<Outcome> {
  throw new Error('there is nothing yet that trains');
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
