/** Data sets that tests draw themselves: a folder of small pictures for each class, which a network can tell apart. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createRandom } from '#kaiyan/random.js';
import { draw, encode } from './drawings.js';

const SIDE = 64;

/** So many pictures of each label, in folders of these names; the same for the same labels. */
export async function drawOwnPictures(folder: string, counts: Readonly<Record<string, number>>): Promise<string> {
  for (const [kind, [label, count]] of Object.entries(counts).entries()) {
    await mkdir(path.join(folder, label), { recursive: true });
    for (let i = 0; i < count; i++)
      await writeFile(path.join(folder, label, `${i}.png`), await drawOwnPicture(kind, i));
  }
  return folder;
}

/** Stripes in a direction and a colour of the kind, each time a little otherwise. */
export function drawOwnPicture(kind: number, number: number): Promise<Buffer> {
  const random = createRandom('own picture', kind, number);
  const angle = kind * 0.9 + random.next() * 0.3;
  const width = 3 + (kind % 4) * 3 + random.next();
  const phase = random.next() * width;
  const [across, down] = [Math.cos(angle), Math.sin(angle)];
  const colour = [0, 2, 4].map((shift) => 128 + 90 * Math.sin(kind * 1.7 + shift));
  const drawing = draw(SIDE, SIDE, (x, y) => {
    const light = 0.75 + 0.25 * Math.sign(Math.sin((x * across + y * down + phase) / width));
    const [red = 0, green = 0, blue = 0] = colour.map((value) =>
      Math.max(0, Math.min(255, Math.round(value * light + (random.next() - 0.5) * 40))),
    );
    return [red, green, blue];
  });
  return encode(drawing, 'PNG');
}
