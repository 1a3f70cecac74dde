/** `kaiyan labels`: the words that answers are made of. */
import type { Configuration } from '../../config.js';
import type { LabelGroup, LabelSet, Language } from '../../labels/label-set.js';
import { createRegistry } from '../../models/registry.js';
import { table, visible } from '../output.js';

/** Classes, categories and groups that have `word` in a name (in either language), or all; sets with their members. */
export async function listLabels(word: string | undefined, { settings }: Configuration, json: boolean): Promise<void> {
  const { labels } = await createRegistry(settings.home).open(settings.model);
  const matches = matcher(word);
  const found = {
    classes: labels.classes
      .map(([wnid, en, zh], index) => ({ index, wnid, en, zh }))
      .filter(({ wnid, en, zh }) => matches(en, zh, wnid ?? '')),
    categories: select(labels, labels.categories, matches),
    groups: select(labels, labels.groups, matches),
  };
  if (json) return void process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
  const sections = [
    section(
      'Classes',
      found.classes.map(({ index, wnid, en, zh }) => [String(index), wnid ?? '', en, zh]),
    ),
    section(
      'Categories',
      found.categories.map((set) => inColumns(set, settings.lang, word !== undefined)),
    ),
    section(
      'Groups',
      found.groups.map((set) => inColumns(set, settings.lang, word !== undefined)),
    ),
  ].filter((text) => text !== '');
  process.stdout.write(
    sections.length === 0
      ? `No class, category or group has "${visible(word ?? '')}" in its name.\n`
      : sections.join('\n'),
  );
}

type Matcher = (...names: string[]) => boolean;

function matcher(word: string | undefined): Matcher {
  if (word === undefined) return () => true;
  const wanted = word.toLowerCase();
  return (...names) => names.some((name) => name.toLowerCase().includes(wanted));
}

interface ListedSet {
  readonly key: string;
  readonly en: string;
  readonly zh: string;
  readonly members: readonly { readonly index: number; readonly en: string; readonly zh: string }[];
}

function select(labels: LabelSet, sets: readonly LabelGroup[], matches: Matcher): ListedSet[] {
  return sets
    .filter(({ key, en, zh }) => matches(key, en, zh))
    .map((set) => ({
      ...set,
      members: set.members.map((index) => {
        const [, en, zh] = labels.classes[index] as LabelSet['classes'][number];
        return { index, en, zh };
      }),
    }));
}

function inColumns({ key, en, zh, members }: ListedSet, lang: Language, withMembers: boolean): string[] {
  const names = withMembers ? members.map((member) => member[lang]).join(lang === 'zh' ? '、' : ', ') : '';
  return [key, en, zh, `${members.length} classes`, names];
}

const section = (title: string, rows: string[][]) =>
  rows.length === 0 ? '' : `${title} (${rows.length})\n${table(rows)}\n`;
