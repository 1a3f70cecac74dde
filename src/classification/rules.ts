/** Rules from the configuration that raise a flag when a picture probably shows something. */
import { AppError } from '../errors.js';
import type { LabelSet } from '../labels/label-set.js';
import { probabilityOf } from './predictions.js';

/** Raised when the classes of a category, a group or a list together reach `minProbability`. */
export interface Rule {
  readonly name: string;
  readonly category?: string | undefined;
  readonly group?: string | undefined;
  /** WordNet ids, or English names of classes. */
  readonly classes?: readonly string[] | undefined;
  readonly minProbability: number;
}

export interface Flag {
  readonly name: string;
  readonly probability: number;
}

export type FlagRaiser = (probabilities: Float64Array) => Flag[];

/**
 * Rules made ready for one model's labels.
 * @throws AppError SETTING_INVALID for a category, group or class that the labels do not have
 */
export function createFlagRaiser(rules: readonly Rule[], labels: LabelSet): FlagRaiser {
  const ready = rules.map((rule) => ({ rule, members: membersOf(rule, labels) }));
  return (probabilities) =>
    ready
      .map(({ rule, members }) => ({ rule, probability: probabilityOf(members, probabilities) }))
      .filter(({ rule, probability }) => probability >= rule.minProbability)
      .map(({ rule, probability }) => ({ name: rule.name, probability }));
}

function membersOf(rule: Rule, labels: LabelSet): number[] {
  const missing = (expected: string, found: string) =>
    new AppError('SETTING_INVALID', {
      setting: `rules ("${rule.name}")`,
      source: 'the configuration',
      expected,
      found,
    });
  const setOf = (kind: 'category' | 'group', sets: LabelSet['groups'], key: string | undefined) => {
    if (key === undefined) return [];
    const set = sets.find((candidate) => candidate.key === key);
    if (!set) throw missing(`a ${kind} of ${labels.name} (see "kaiyan labels")`, `"${key}"`);
    return set.members;
  };
  const classes = (rule.classes ?? []).map((wanted) => {
    const index = labels.classes.findIndex(
      ([wnid, en]) => wnid === wanted || en.toLowerCase() === wanted.toLowerCase(),
    );
    if (index < 0) throw missing(`a class of ${labels.name} (see "kaiyan labels")`, `"${wanted}"`);
    return index;
  });
  const members = [
    ...setOf('category', labels.categories, rule.category),
    ...setOf('group', labels.groups, rule.group),
    ...classes,
  ];
  return [...new Set(members)];
}
