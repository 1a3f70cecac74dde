/** Processes that run, as Linux tells. */
import { readdir, readFile } from 'node:fs/promises';

/** Those that a process has begun, with these words in their command line. */
export async function childrenOf(parent: number, words: string): Promise<number[]> {
  const all = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    all.map(async (id) => {
      const read = (file: string) => readFile(`/proc/${id}/${file}`, 'utf8').catch(() => '');
      const [status, command] = [await read('status'), await read('cmdline')];
      return command.includes(words) && new RegExp(`^PPid:\\s+${parent}$`, 'm').test(status);
    }),
  );
  return all.filter((_, i) => found[i]).map(Number);
}
