/** Outcomes that a test gives the pictures of jobs by hand. */
import type { ItemError, KeptAnswer } from '#kaiyan/jobs/job.js';
import type { JobStore, Outcome, TakenItem } from '#kaiyan/jobs/store.js';

const answerOf = (label: string): KeptAnswer => ({
  model: { name: 'efficientnet-lite0', version: '1', precision: 'int8', digest: '0123456789ab' },
  predictions: [{ index: 1, wnid: 'n01443537', label, probability: 0.9 }],
  answer: { level: 'class', label, wnid: 'n01443537', group: null, probability: 0.9 },
  categories: [],
  flags: [],
});

export type Verdict = (item: TakenItem) => { readonly label: string } | ItemError;

/** Gives at most so many pictures that wait their outcomes, and says how many those were. */
export async function answer(store: JobStore, verdict: Verdict, most = Number.POSITIVE_INFINITY): Promise<number> {
  let done = 0;
  while (done < most) {
    const taken = await store.take(Math.min(100, most - done), 0);
    if (taken.length === 0) break;
    await store.record(taken.map((item) => outcomeOf(item, verdict(item))));
    done += taken.length;
  }
  return done;
}

function outcomeOf({ job, item, source }: TakenItem, verdict: ReturnType<Verdict>): Outcome {
  if ('error' in verdict) return { job, item, error: verdict };
  const sha256 = 'sha256' in source ? source.sha256 : item.toString(16).padStart(64, '0');
  return { job, item, sha256, key: `${sha256}:${verdict.label}`, answer: answerOf(verdict.label), thumbnailBytes: 0 };
}
