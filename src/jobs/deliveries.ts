/** Tells those who asked for it that their jobs have ended, again and again until they have heard it or a day is over. */
import { type AppError, toAppError } from '../errors.js';
import type { JobStore, Webhook } from './store.js';
import { webhookMessage } from './webhook/message.js';
import { retryDelayMs } from './webhook/retry.js';
import type { WebhookSender } from './webhook/sender.js';

export interface DeliveriesOptions {
  readonly store: JobStore;
  readonly sender: WebhookSender;
  /** Called with what an operator should know, such as a receiver that does not answer. */
  readonly onNotice: (notice: string) => void;
  readonly onFailure: (error: AppError) => void;
}

const EVERY_MS = 2_000;
/** A receiver that is slow keeps only a few others waiting. */
const AT_ONCE = 4;

export function startDeliveries({ store, sender, onNotice, onFailure }: DeliveriesOptions): {
  stop: () => Promise<void>;
} {
  const stopping = new AbortController();
  const { signal } = stopping;
  const sending = new Set<Promise<void>>();
  let looking: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(look);
  }, EVERY_MS).unref();

  async function look(): Promise<void> {
    try {
      while (sending.size < AT_ONCE && !signal.aborted) {
        const due = await store.takeWebhook();
        if (!due) return;
        const sent: Promise<void> = deliver(due)
          .catch((error) => {
            if (!signal.aborted) onFailure(toAppError(error));
          })
          .finally(() => sending.delete(sent));
        sending.add(sent);
      }
    } catch (error) {
      if (!signal.aborted) onFailure(toAppError(error));
    }
  }

  async function deliver({ job, address, attempts }: Webhook): Promise<void> {
    const { id, body } = webhookMessage(await store.get(job));
    const result = await sender.send({ address, id, body }, signal);
    if (result.ok) return store.postponeWebhook(job, undefined);
    const delay = result.retry ? retryDelayMs(attempts + 1) : undefined;
    const next = delay === undefined ? 'it is given up' : `attempt ${attempts + 2} follows`;
    onNotice(`the webhook of job ${job} was not delivered (${result.reason}): ${next}`);
    await store.postponeWebhook(job, delay && Date.now() + Math.max(delay, result.retryAfterMs ?? 0));
  }

  return {
    stop: async () => {
      clearInterval(timer);
      stopping.abort();
      await looking;
      await Promise.all(sending);
    },
  };
}
