/**
 * Ctrl-C, SIGTERM and results that nobody takes all leave by the same door: an aborted signal, on which commands finish
 * and close.
 */

/** 128 + the signal's number, as shells report it. */
const EXIT_STATUS = { SIGINT: 130, SIGTERM: 143 } as const;
type Caught = keyof typeof EXIT_STATUS;
type Statuses = Partial<Record<Caught, number>>;

const controller = new AbortController();
const names = Object.keys(EXIT_STATUS) as Caught[];
let statuses: Statuses = {};

/** A second Ctrl-C this much later is meant: it ends the process at once. An earlier one is npm passing on the first. */
const PATIENCE_MS = 1_000;
let interruptedAt = 0;

function interrupt(name: NodeJS.Signals): void {
  if (controller.signal.aborted) {
    if (performance.now() - interruptedAt > PATIENCE_MS) endAtOnce(name);
    return;
  }
  process.exitCode = statuses[name as Caught] ?? EXIT_STATUS[name as Caught];
  stop();
}

/** Ends the command as Ctrl-C does, but leaves the exit status to the caller. */
export function stop(): void {
  interruptedAt = performance.now();
  controller.abort();
}

function endAtOnce(name: NodeJS.Signals): void {
  process.off(name, interrupt);
  process.kill(process.pid, name);
}

/**
 * Catches the signals from the first call to the end of the process; later calls share its signal. `changed` are other
 * statuses to exit with: a service that was asked to end has done its work.
 */
export function catchInterrupt(changed: Statuses = {}): AbortSignal {
  statuses = { ...statuses, ...changed };
  for (const name of names) {
    if (!process.listeners(name).includes(interrupt)) process.on(name, interrupt);
  }
  return controller.signal;
}
