/** A model takes over, on record: at once in this service, and for good if it is promoted. */

import type { ModelIdentity } from '../classification/classification.js';
import { AppError, toAppError } from '../errors.js';
import {
  type Answering,
  isSame,
  type Promotion,
  readPromotions,
  recordPromotion,
  replacedModel,
  settlePromotion,
  standingPromotion,
} from '../models/promotions.js';
import { referenceOf } from '../models/reference.js';
import type { ModelChoice, Serving } from './serving.js';

/** One change after the other, so that the record says what really replaced what. */
export interface Promoter {
  /** The newest first, and the model that a rollback leads to. @throws AppError FILE_UNREADABLE */
  readonly list: () => Promise<{ readonly promotions: Promotion[]; readonly rollback: Answering | null }>;
  /**
   * NAME, which means its highest version, or NAME@VERSION; `training` is the id of the one that it came from. Gives what is on
   * record already where it changes nothing.
   * @throws AppError what `Serving.activate` throws, MODELS_UNWRITABLE, DATA_UNWRITABLE, DISK_FULL
   */
  readonly promote: (model: string, training: string | null) => Promise<Promotion>;
  /** Until the service ends, also where nothing can be written; the operator is told then. @throws AppError what `Serving.activate` throws */
  readonly activate: (choice: ModelChoice) => Promise<ModelIdentity>;
  /** Back to what the last change replaced. @throws AppError NOTHING_TO_ROLL_BACK, and what `promote` throws */
  readonly rollBack: () => Promise<Promotion>;
}

export interface PromoterOptions {
  /** Called before the next change. */
  readonly onPromotion: (promotion: Promotion) => void;
  /** Called with what kept an activation from the record. */
  readonly onUnrecorded: (error: AppError) => void;
}

/** More are not taken back one by one. */
const MOST_ACTIVATIONS = 200;

export function createPromoter(serving: Serving, { onPromotion, onUnrecorded }: PromoterOptions): Promoter {
  const { home } = serving.settings;
  let last: Promise<unknown> = Promise.resolve();
  /** Those of this service by their ids, the newest last. */
  let activations: readonly string[] = [];

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
  async function switchTo({ reference, precision }: Answering): Promise<void> {
    await serving.activate({ model: reference, precision }).catch((error) => {
      if (!(error instanceof AppError) || error.code !== 'PRECISION_UNAVAILABLE') throw error;
      return serving.activate({ model: reference, precision: 'auto' });
    });
  }

  async function activate(choice: ModelChoice): Promise<ModelIdentity> {
    const from = present();
    const identity = await serving.activate(choice);
    const to = present();
    if (!isSame(from, to)) {
      const told = { kind: 'activation', from, to, training: null, by: 'api' } as const;
      try {
        const { id } = await recordPromotion(home, told);
        activations = [...activations, id].slice(-MOST_ACTIVATIONS);
      } catch (error) {
        onUnrecorded(toAppError(error));
      }
    }
    return identity;
  }

  async function takeOver(kind: Promotion['kind'], to: Answering, training: string | null): Promise<Promotion> {
    const from = present();
    await switchTo(to);
    try {
      const promotion = await settlePromotion(home, { kind, from, to: present(), training, by: 'api' });
      onPromotion(promotion);
      return promotion;
    } catch (error) {
      // What the next start would not know is not so now either.
      await switchTo(from).catch(() => undefined);
      throw error;
    }
  }

  async function list() {
    const promotions = await readPromotions(home);
    return { promotions, rollback: replacedModel(promotions, present(), activations) ?? null };
  }

  async function rollBack(): Promise<Promotion> {
    const { rollback } = await list();
    if (!rollback) throw new AppError('NOTHING_TO_ROLL_BACK', { model: present().reference });
    return takeOver('rollback', rollback, null);
  }

  return {
    list,
    activate: (choice) => inTurn(() => activate(choice)),
    promote: (model, training) =>
      inTurn(async () => {
        const reference = referenceOf((await serving.registry.open(model)).manifest);
        const to = { reference, precision: present().precision };
        const standing = isSame(present(), to) ? await standingPromotion(home, to) : undefined;
        return standing ?? takeOver('promotion', to, training);
      }),
    rollBack: () => inTurn(rollBack),
  };
}
