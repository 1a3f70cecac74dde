/** Archives as other programs make them. */
import { spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { temporaryFolder } from './folders.js';
import { python } from './requirements.js';

export interface ArchivedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What a line of shell makes of these files in a folder of its own; it has to write the archive to `"$OUT"`. */
export async function archiveMadeBy(
  t: Pick<TestContext, 'after'>,
  line: string,
  files: readonly ArchivedFile[],
): Promise<Buffer> {
  const folder = await temporaryFolder(t);
  const [content, archive] = [path.join(folder, 'content'), path.join(folder, 'archive')];
  await mkdir(content);
  for (const { name, bytes } of files) {
    await mkdir(path.dirname(path.join(content, name)), { recursive: true });
    await writeFile(path.join(content, name), bytes);
  }
  const { status, stderr } = spawnSync('sh', ['-c', line], {
    cwd: content,
    env: { ...process.env, OUT: archive, PYTHON: python },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`"${line}" failed: ${stderr}`);
  return readFile(archive);
}

/** A line of shell that makes an archive with a line of Python, which has the sorted `files` and `out`. */
export const byPython = (script: string): string => `"$PYTHON" - <<'END'
import io, os, sys, tarfile, zipfile
out = os.environ['OUT']
files = sorted(os.path.relpath(os.path.join(at, name)) for at, _, names in os.walk('.') for name in names)
${script}
END`;

export interface TarEntry {
  readonly name: string;
  /** Written in place of the name in UTF-8. */
  readonly rawName?: Uint8Array;
  readonly bytes?: Uint8Array;
  readonly type?: string;
  /** What the header says in place of the truth. */
  readonly size?: string;
  readonly linkTo?: string;
}

/** A tar archive (ustar), also such as no program would write. */
export function tarOf(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(tarEntry), Buffer.alloc(1024)]);
}

function tarEntry({ name, rawName, bytes = new Uint8Array(0), type = '0', size, linkTo = '' }: TarEntry): Buffer[] {
  const header = Buffer.alloc(512);
  Buffer.from(rawName ?? name).copy(header, 0, 0, 100);
  header.write('0000644\0', 100);
  header.write(size ?? `${bytes.length.toString(8).padStart(11, '0')}\0`, 124, 12, 'latin1');
  header.write('        ', 148);
  header.write(type, 156);
  header.write(linkTo, 157);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return [header, Buffer.from(bytes), Buffer.alloc((512 - (bytes.length % 512)) % 512)];
}
