/** What is kept to learn from, in tests. */
import path from 'node:path';
import sharp from 'sharp';
import type { Said } from '#kaiyan/corrections/correction.js';
import { examples } from './paths.js';

/** Enough of a GIF to be taken for one, with some text in it. */
export const gifOf = (text: string): Buffer => Buffer.from(`GIF89a ${text}`);

export const said = (label: string, changes: Partial<Said> = {}): Said => ({
  ...{ label, predicted: 'tabby', probability: 0.4, model: 'efficientnet-lite0@1' },
  ...changes,
});

/** So many parts of an example picture, none like another, as JPEGs. */
export async function partsOf(example: string, count: number, from = 0): Promise<Buffer[]> {
  const file = path.join(examples, example);
  const { width = 0, height = 0 } = await sharp(file).metadata();
  const side = Math.floor(Math.min(width, height) * 0.8);
  return Promise.all(
    Array.from({ length: count }, (_, i) => {
      const step = (from + i) % 5;
      const [left, top] = [Math.floor(((width - side) * step) / 4), Math.floor(((height - side) * (4 - step)) / 4)];
      const part = sharp(file).extract({ left, top, width: side, height: side });
      return (step % 2 === 0 ? part.flop() : part)
        .modulate({ brightness: 0.8 + 0.1 * step })
        .jpeg()
        .toBuffer();
    }),
  );
}
