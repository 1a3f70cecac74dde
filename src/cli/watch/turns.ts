/** Work that comes again and again, in small turns, so that a large piece of it does not hold up the rest. */

const TURN_MS = 200;
/** From one time to the next, at least; but it takes no more than a tenth of all time. */
const PAUSE_MS = 3_000;
const SHARE = 0.1;

export interface TurnsOptions {
  /** Begins the work, which then goes on step by step. */
  readonly start: () => AsyncGenerator<void>;
  /** While it holds, no step is taken. */
  readonly isHeldUp: () => boolean;
  readonly onEnd: () => void;
}

/** Each call takes a turn, if one is due; it resolves to whether the next turn can follow at once. @throws what the work throws */
export function createTurns({ start, isHeldUp, onEnd }: TurnsOptions): () => Promise<boolean> {
  let work: AsyncGenerator<void> | undefined;
  let [spentMs, dueAt] = [0, 0];

  async function advance(steps: AsyncGenerator<void>): Promise<boolean> {
    const begun = performance.now();
    let done: boolean | undefined = false;
    while (!done && !isHeldUp() && performance.now() - begun < TURN_MS) done = (await steps.next()).done;
    spentMs += performance.now() - begun;
    return done === true;
  }

  return async () => {
    if (!work && performance.now() < dueAt) return false;
    work ??= start();
    if (!(await advance(work))) return !isHeldUp();
    onEnd();
    work = undefined;
    dueAt = performance.now() + Math.max(PAUSE_MS, spentMs / SHARE);
    spentMs = 0;
    return false;
  };
}
