/** What is kept to learn from, in tests. */
import type { Said } from '#kaiyan/corrections/correction.js';

/** Enough of a GIF to be taken for one, with some text in it. */
export const gifOf = (text: string): Buffer => Buffer.from(`GIF89a ${text}`);

export const said = (label: string, changes: Partial<Said> = {}): Said => ({
  ...{ label, predicted: 'tabby', probability: 0.4, model: 'efficientnet-lite0@1' },
  ...changes,
});
