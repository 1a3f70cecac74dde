/** A bound on what is in use at once, in any unit: slots, bytes, pixels. First come, first served. */

export interface Semaphore {
  /**
   * Waits until `weight` units are free and takes them; the returned function gives them back, once.
   * A weight over the capacity counts as the whole capacity. An aborted wait rejects with the signal's reason.
   */
  readonly acquire: (weight: number, signal?: AbortSignal) => Promise<() => void>;
}

interface Waiter {
  readonly weight: number;
  readonly grant: () => void;
}

export function createSemaphore(capacity: number): Semaphore {
  let free = capacity;
  const waiting: Waiter[] = [];

  function grantNext(): void {
    for (let next = waiting[0]; next && next.weight <= free; next = waiting[0]) {
      waiting.shift();
      next.grant();
    }
  }

  function take(weight: number): () => void {
    free -= weight;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      free += weight;
      grantNext();
    };
  }

  function acquire(wanted: number, signal?: AbortSignal): Promise<() => void> {
    const weight = Math.min(wanted, capacity);
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (waiting.length === 0 && weight <= free) return resolve(take(weight));
      const leave = () => {
        waiting.splice(waiting.indexOf(waiter), 1);
        reject(signal?.reason);
        grantNext();
      };
      const waiter: Waiter = {
        weight,
        grant: () => {
          signal?.removeEventListener('abort', leave);
          resolve(take(weight));
        },
      };
      signal?.addEventListener('abort', leave, { once: true });
      waiting.push(waiter);
    });
  }

  return { acquire };
}
