/** Which files belong to which class: a folder is a class, whatever stands above it. */
import type { Chosen } from '../../pictures/chosen-files.ts';
import { isHidden, isPictureName } from '../../pictures/formats.ts';

export interface SortedFiles {
  /** By the name of the class, in the order in which they came; of those of no folder, the name is undefined. */
  readonly classes: ReadonlyMap<string | undefined, readonly Chosen[]>;
  /** Names of what is no picture. */
  readonly leftOut: readonly string[];
}

/**
 * `flowers/roses/1.jpg` is a rose if `flowers` has several folders or no pictures of its own; `roses/1.jpg` and
 * `roses/red/1.jpg` are roses if `roses` has pictures itself, as folders below the folder of a class belong to the class.
 */
export function sortFiles(files: readonly Chosen[]): SortedFiles {
  const leftOut: string[] = [];
  const pictures: { readonly chosen: Chosen; readonly folders: readonly string[] }[] = [];
  for (const chosen of files) {
    if (isHidden(chosen.name)) continue;
    const isPicture = isPictureName(chosen.name) || chosen.file.type.startsWith('image/');
    if (isPicture) pictures.push({ chosen, folders: chosen.name.split('/').slice(0, -1) });
    else leftOut.push(chosen.name);
  }
  const depth = depthOfClasses(pictures.map(({ folders }) => folders));
  const classes = new Map<string | undefined, Chosen[]>();
  for (const { chosen, folders } of pictures) {
    const label = folders[Math.min(depth, folders.length - 1)];
    const known = classes.get(label);
    if (known) known.push(chosen);
    else classes.set(label, [chosen]);
  }
  return { classes, leftOut };
}

/** How many folders stand above those of the classes: all that every picture has in common and that is not its last. */
function depthOfClasses(all: readonly (readonly string[])[]): number {
  const inFolders = all.filter((folders) => folders.length > 0);
  for (let depth = 0; ; depth += 1) {
    const here = new Set(inFolders.map((folders) => folders[depth]));
    const goesOn = inFolders.every((folders) => folders.length > depth + 1);
    if (here.size !== 1 || !goesOn || inFolders.length === 0) return depth;
  }
}
