/** A model takes over for good: at once in this service, from the next start on, and in the record. */
import { AppError } from '../errors.js';
import {
  type Answering,
  type Promotion,
  readPromotions,
  replacedModel,
  settlePromotion,
} from '../models/promotions.js';
import { referenceOf } from '../models/reference.js';
import type { Serving } from './serving.js';

export interface Promoter {
  /** The newest first. @throws AppError FILE_UNREADABLE */
  readonly list: () => Promise<Promotion[]>;
  /**
   * NAME, which means its highest version, or NAME@VERSION; `training` is the id of the one that it came from.
   * @throws AppError what `Serving.activate` throws, MODELS_UNWRITABLE, DATA_UNWRITABLE, DISK_FULL
   */
  readonly promote: (model: string, training: string | null) => Promise<Promotion>;
  /** Back to what the last promotion replaced. @throws AppError NOTHING_TO_ROLL_BACK, and what `promote` throws */
  readonly rollBack: () => Promise<Promotion>;
}

export function createPromoter(serving: Serving): Promoter {
  const { home } = serving.settings;
  let last: Promise<unknown> = Promise.resolve();

  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  }

  const present = (): Answering => ({
    reference: referenceOf(serving.active()),
    precision: serving.activeChoice().precision,
  });

  /** The precision was chosen with another model; this one may not have it. */
  async function activate({ reference, precision }: Answering): Promise<void> {
    await serving.activate({ model: reference, precision }).catch((error) => {
      if (!(error instanceof AppError) || error.code !== 'PRECISION_UNAVAILABLE') throw error;
      return serving.activate({ model: reference, precision: 'auto' });
    });
  }

  async function takeOver(kind: Promotion['kind'], to: Answering, training: string | null): Promise<Promotion> {
    const from = present();
    await activate(to);
    try {
      return await settlePromotion(home, { kind, from, to: present(), training, by: 'api' });
    } catch (error) {
      // What the next start would not know is not so now either.
      await activate(from).catch(() => undefined);
      throw error;
    }
  }

  return {
    list: () => readPromotions(home),
    promote: (model, training) =>
      inTurn(async () => {
        const reference = referenceOf((await serving.registry.open(model)).manifest);
        return takeOver('promotion', { reference, precision: present().precision }, training);
      }),
    rollBack: () =>
      inTurn(async () => takeOver('rollback', replacedModel(await readPromotions(home), present()), null)),
  };
}
