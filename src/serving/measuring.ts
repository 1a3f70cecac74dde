/** Measures the precisions of loaded models, one after the other, when nothing else is to be done. */
import { type IdleMeasurement, measureWhenIdle } from '../classification/precision.js';
import type { Precision } from '../models/manifest.js';
import type { Variant } from './loaded-models.js';

export interface Measuring {
  /** Measures a model whose precision is provisional, once. */
  readonly add: (model: Variant) => void;
  /** Ends a measurement that is running; it begins anew after `resume`. */
  readonly pause: () => Promise<void>;
  readonly resume: () => void;
  readonly close: () => Promise<void>;
}

export interface MeasuringOptions {
  readonly home: string;
  readonly isIdle: () => boolean;
  readonly onVerdict: (model: Variant, precision: Precision) => unknown;
  readonly onNotice: (notice: string) => void;
}

export function createMeasuring({ home, isIdle, onVerdict, onNotice }: MeasuringOptions): Measuring {
  const waiting: Variant[] = [];
  const known = new Set<string>();
  let running: IdleMeasurement | undefined;
  let pauses = 0;

  function next(): void {
    const [model] = waiting;
    if (running || pauses > 0 || !model) return;
    running = measureWhenIdle(model.bundle, home, {
      isIdle,
      onVerdict: async (precision) => {
        // First: what the verdict brings about may pause this.
        waiting.shift();
        onVerdict(model, precision);
      },
      onEnd: () => {
        if (waiting[0] === model) waiting.shift();
        running = undefined;
        next();
      },
      onNotice,
    });
  }

  async function pause(): Promise<void> {
    pauses += 1;
    const stopped = running;
    running = undefined;
    await stopped?.stop();
  }

  return {
    add: (model) => {
      if (known.has(model.fingerprint)) return;
      known.add(model.fingerprint);
      waiting.push(model);
      next();
    },
    pause,
    resume: () => {
      pauses -= 1;
      next();
    },
    close: pause,
  };
}
