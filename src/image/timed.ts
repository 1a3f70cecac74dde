/** How long decoding took, beside what it gave. */

export type Timed<Image> = Image & { readonly decodeMs: number };

/** Call it when the work begins: what went before does not count. */
export async function timed<Image extends object>(work: Promise<Image>): Promise<Timed<Image>> {
  const begun = performance.now();
  const image = await work;
  return { ...image, decodeMs: performance.now() - begun };
}
