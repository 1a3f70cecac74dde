/** What a run left that ended without a word: killed, or with the power. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { isFile } from '../folders.js';
import { sidecarOf } from './names.js';
import { stepsBackwards, undoFiles } from './steps.js';

/** A picture takes so many steps at most: it is moved, its sidecar too, and that one is written. */
const STEPS_OF_A_PICTURE = 3;

/**
 * Removes a draft that was not finished.
 * @returns the picture that was moved last, of which the state may not know yet; it does not lie among the others any more
 */
export async function recover(album: string, { dryRun }: { readonly dryRun: boolean }): Promise<string | undefined> {
  const [newest] = await undoFiles(album);
  if (newest === undefined) return undefined;
  const moved: string[] = [];
  let steps = 0;
  for await (const step of stepsBackwards(newest)) {
    if ('draft' in step && !dryRun) await rm(path.resolve(album, step.draft), { force: true });
    if (step.do === 'move') moved.push(path.resolve(album, step.to));
    steps += 1;
    if (steps === STEPS_OF_A_PICTURE) break;
  }
  const picture = moved.find((file) => !moved.some((other) => file === sidecarOf(other)));
  return picture !== undefined && (await isFile(picture)) ? picture : undefined;
}
