/** Which classes corrections are about: those that the model has, and new ones. */
import type { OwnClass } from '../../dataset/dataset.js';
import type { LabelSet } from '../../labels/label-set.js';

export interface MatchedClasses {
  /** Those of the model in their order, then the new ones. */
  readonly classes: readonly OwnClass[];
  /** For each label its class, by position. */
  readonly positions: readonly number[];
}

/** A label means the class that is called so in English or Chinese, else one that is but for capitals; any other is a new class. */
export function matchClasses({ classes: present }: LabelSet, labels: readonly OwnClass[]): MatchedClasses {
  const classes: OwnClass[] = present.map(([, en, zh]) => ({ label: en, zh }));
  const known = new Map<string, number>();
  const learn = (name: string, position: number) => {
    if (!known.has(name)) known.set(name, position);
  };
  for (const [i, { label }] of classes.entries()) learn(label, i);
  for (const [i, { zh }] of classes.entries()) learn(zh, i);
  for (const [i, { label }] of classes.entries()) learn(label.toLowerCase(), i);
  const positions = labels.map((own) => {
    const found = known.get(own.label) ?? known.get(own.label.toLowerCase());
    if (found !== undefined) return found;
    classes.push(own);
    learn(own.label, classes.length - 1);
    learn(own.label.toLowerCase(), classes.length - 1);
    return classes.length - 1;
  });
  return { classes, positions };
}
