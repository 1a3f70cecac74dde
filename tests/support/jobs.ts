/** Jobs of real pictures, worked on by a real model. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { type Settings, settingsWith } from '#kaiyan/config.js';
import type { AppError } from '#kaiyan/errors.js';
import { isEnded, type Job, type JobOptions, type NewItem } from '#kaiyan/jobs/job.js';
import { createJobs, type Jobs } from '#kaiyan/jobs/jobs.js';
import { createServing, type Serving } from '#kaiyan/serving/serving.js';
import { temporaryFolder } from './folders.js';
import { examples } from './paths.js';
import { until } from './timing.js';

export interface JobsAtWork {
  readonly jobs: Jobs;
  readonly serving: Serving;
  readonly failures: AppError[];
}

/** One INT8 worker and a data directory of its own, unless `changes` say otherwise. */
export async function jobsFor(t: Pick<TestContext, 'after'>, changes: Partial<Settings> = {}): Promise<JobsAtWork> {
  const home = changes.home ?? (await temporaryFolder(t));
  const settings = settingsWith({ workers: 1, precision: 'int8', ...changes, home });
  const serving = await createServing({ settings, onNotice: () => undefined });
  const failures: AppError[] = [];
  const jobs = await createJobs({
    ...{ settings, serving, onFailure: (error) => failures.push(error) },
  });
  t.after(async () => {
    await jobs.close();
    await serving.close();
  });
  return { jobs, serving, failures };
}

export const example = (name: string): Promise<Buffer> => readFile(path.join(examples, name));

/** Hands over pictures as a request does. */
export async function submit(
  { store, pictures }: Jobs,
  files: Readonly<Record<string, Uint8Array>>,
  options: JobOptions = {},
): Promise<string> {
  const { id } = await store.create({ options, expiresAt: Date.now() + 3_600_000 });
  const items: NewItem[] = [];
  for (const [name, bytes] of Object.entries(files)) {
    const draft = pictures.receive(id);
    await draft.write(bytes);
    items.push({ name, ...(await draft.finish()) });
  }
  await store.add(id, items);
  await store.submit(id);
  return id;
}

export async function untilEnded({ store }: Jobs, id: string): Promise<Job> {
  await until(`the end of the job ${id}`, async () => isEnded(await store.get(id)), 60_000);
  return store.get(id);
}
