/** The words of the report, in both languages. */
import type { Language } from '../../labels/label-set.js';
import type { PairedTest } from '../evaluation.js';
import { english } from './words-en.js';
import { chinese } from './words-zh.js';

/** `p` is a share in words, `n` a number. */
export interface Words {
  readonly lang: string;
  readonly title: string;
  readonly comparison: string;
  readonly skip: string;
  readonly versus: (first: string, second: string) => string;
  readonly summary: (pictures: number, classes: number, source: string) => string;
  readonly count: (count: number) => string;
  /** Of a share. */
  readonly percent: (share: number) => string;
  readonly date: (iso: string) => string;
  /** Between what a figure lies with a confidence of 95 %. */
  readonly interval: (low: string, high: string) => string;
  readonly between: (low: string, high: string) => string;
  readonly result: string;
  readonly top1: string;
  /** That the model has learned from so many of the pictures. */
  readonly knowsData: (known: number, of: number) => string;
  readonly right: (right: number, of: number) => string;
  readonly figures: {
    readonly top5: Term;
    readonly macroF1: Term;
    readonly balancedAccuracy: Term;
    readonly logLoss: Term;
    readonly ece: Term;
  };
  readonly paired: {
    readonly heading: string;
    readonly split: (test: PairedTest, first: string, second: string) => string;
    readonly none: string;
    readonly difference: (value: string, low: string, high: string) => string;
    readonly loss: (value: string, low: string, high: string) => string;
    readonly verdict: (p: string, isClear: boolean) => string;
    readonly cells: { readonly bothRight: string; readonly bothWrong: string; readonly only: (name: string) => string };
  };
  readonly confusion: {
    readonly heading: string;
    readonly about: string;
    readonly some: (shown: number) => string;
    readonly none: string;
    readonly caption: string;
    readonly truth: string;
    readonly named: string;
    readonly pairs: string;
    readonly pictures: string;
  };
  readonly classes: {
    readonly heading: string;
    readonly about: string;
    readonly caption: string;
    readonly name: string;
    readonly pictures: string;
    readonly recall: string;
    readonly precision: string;
    readonly f1: string;
    readonly others: (count: number) => string;
    readonly averages: string;
    readonly macro: string;
    readonly weighted: string;
  };
  readonly calibration: {
    readonly heading: string;
    readonly about: string;
    readonly mean: (confidence: string, accuracy: string) => string;
    readonly tooSure: string;
    readonly tooCareful: string;
    readonly fair: string;
    readonly ece: (ece: string) => string;
    readonly chart: string;
    readonly confidence: string;
    readonly accuracy: string;
    readonly ideal: string;
    readonly numbers: string;
    readonly range: string;
    readonly pictures: string;
  };
  readonly coverage: {
    readonly heading: string;
    readonly about: string;
    readonly at: (threshold: number, coverage: string, accuracy: string | null) => string;
    readonly groups: (share: string, accuracy: string) => string;
    readonly unsure: (share: string) => string;
    readonly chart: string;
    readonly named: string;
    readonly right: string;
    readonly present: (threshold: number) => string;
    readonly targets: string;
    readonly target: string;
    readonly threshold: string;
    readonly unreachable: string;
  };
  readonly mistakes: {
    readonly heading: string;
    readonly about: (wrong: number, shown: number) => string;
    readonly none: string;
    readonly said: string;
    readonly is: string;
    readonly noPicture: string;
    readonly more: (count: number) => string;
  };
  readonly leftOut: {
    readonly heading: string;
    readonly unusable: (count: number) => string;
    readonly foreign: (count: number) => string;
    readonly unlabelled: string;
    readonly more: (count: number) => string;
  };
  readonly training: {
    readonly heading: string;
    readonly loss: string;
    readonly accuracy: string;
    readonly training: string;
    readonly validation: string;
    readonly epoch: string;
    readonly findings: string;
    readonly noFindings: string;
    readonly numbers: string;
  };
  readonly about: {
    readonly heading: string;
    readonly model: string;
    readonly precision: string;
    readonly digest: string;
    readonly size: string;
    readonly architecture: string;
    readonly input: string;
    readonly temperature: string;
    readonly license: string;
    readonly data: string;
    readonly dataDigest: string;
    readonly created: string;
    readonly recipe: string;
    readonly method: (resamples: number, seed: number) => string;
    readonly definitions: string;
  };
}

/** A figure's name, and what it means. */
export interface Term {
  readonly name: string;
  readonly means: string;
}

export const reportWords: Record<Language, Words> = { en: english, zh: chinese };
