import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { imagenet1k } from '#kaiyan/labels/imagenet-1k/index.js';
import type { LabelGroup } from '#kaiyan/labels/label-set.js';
import { shared, withoutShared } from '../../support/requirements.js';

const { classes, categories, groups } = imagenet1k;
const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);
const LAST_ANIMAL = 397;

function setOf(sets: readonly LabelGroup[], key: string): LabelGroup {
  const set = sets.find((candidate) => candidate.key === key);
  assert.ok(set, `there is no ${key}`);
  return set;
}

function repeated(names: readonly string[]): string[] {
  return names.filter((name, i) => names.indexOf(name) !== i);
}

interface WordNetClass {
  readonly index: number;
  readonly wnid: string;
  readonly hypernyms: readonly string[];
}

describe('the 1000 classes', () => {
  test('are 1000, each named in English and in Chinese', () => {
    assert.equal(classes.length, 1000);
    for (const [wnid, en, zh] of classes) {
      assert.match(wnid as string, /^n\d{8}$/);
      assert.match(en, /^[A-Za-zÀ-ÿ0-9 '’().,/&-]+$/, en);
      assert.match(zh, /\p{Script=Han}/u, `${en}: ${zh}`);
      assert.equal(en.trim() + zh.trim(), en + zh);
    }
  });

  test('have names that tell them apart, in both languages', () => {
    assert.deepEqual(repeated(classes.map(([, en]) => en.toLowerCase())), []);
    assert.deepEqual(repeated(classes.map(([, , zh]) => zh)), []);
    assert.deepEqual(repeated(classes.map(([wnid]) => wnid as string)), []);
  });

  test("are in the order of the models' outputs", { skip: withoutShared() }, async () => {
    const reference = JSON.parse(await readFile(path.join(shared, 'labels/imagenet1k.json'), 'utf8')) as WordNetClass[];
    assert.deepEqual(
      classes.map(([wnid]) => wnid),
      reference.map(({ wnid }) => wnid),
    );
  });

  test('tell the crane and the crane apart, and the two maillots', () => {
    const names = (index: number) => classes[index]?.slice(1);
    assert.match(names(134)?.[0] as string, /crane.*bird/);
    assert.match(names(517)?.[0] as string, /crane.*machine/);
    assert.deepEqual([names(134)?.[1], names(517)?.[1]], ['鹤', '起重机']);
    assert.notDeepEqual(names(638), names(639));
  });

  test('are named as a field guide would: a sample read by people', () => {
    const known: readonly [index: number, en: RegExp, zh: string][] = [
      [1, /^goldfish$/, '金鱼'],
      [22, /^bald eagle$/, '白头海雕'],
      [207, /^golden retriever$/, '金毛'],
      [291, /^lion$/, '狮'],
      [388, /^giant panda$/, '大熊猫'],
      [487, /(mobile|cell).*phone/, '手机'],
      [579, /grand piano/, '三角钢琴'],
      [817, /sports car/, '跑车'],
      [954, /banana/, '香蕉'],
      [963, /pizza/, '披萨'],
      [980, /volcano/, '火山'],
    ];
    for (const [index, en, zh] of known) {
      assert.match(classes[index]?.[1] as string, en);
      assert.ok(classes[index]?.[2].includes(zh), `${classes[index]?.[2]} has ${zh}`);
    }
  });

  test('still contain the word that clients of the article know for a mountain', () => {
    assert.match(classes[970]?.[1] as string, /\balp/i);
  });
});

for (const [name, sets] of [
  ['categories', categories],
  ['groups', groups],
] as const) {
  describe(`the form of the ${name}`, () => {
    test('have keys and names of their own', () => {
      assert.deepEqual(repeated(sets.map(({ key }) => key)), []);
      assert.deepEqual(repeated(sets.map(({ en }) => en)), []);
      assert.deepEqual(repeated(sets.map(({ zh }) => zh)), []);
      for (const { key, zh } of sets) {
        assert.match(key, /^[a-z0-9]+(-[a-z0-9]+)*$/);
        assert.match(zh, /\p{Script=Han}/u);
      }
    });

    test('hold classes that exist, each once, in their order', () => {
      for (const { key, members } of sets) {
        assert.ok(
          members.every((index) => Number.isInteger(index) && index >= 0 && index < 1000),
          key,
        );
        assert.ok(
          members.every((index, i) => i === 0 || index > (members[i - 1] as number)),
          `${key} is in order`,
        );
      }
    });
  });
}

describe('the categories', () => {
  test('take in every class', () => {
    const covered = new Set(categories.flatMap(({ members }) => members));
    assert.deepEqual(
      classes.map(([, en], i) => `${i} ${en}`).filter((_, i) => !covered.has(i)),
      [],
    );
  });

  test('are those that albums and content checks ask for', () => {
    const asked = [
      'pet',
      'dog',
      'cat',
      'bird',
      'wild-animal',
      'insect',
      'sea-life',
      'plant',
      'food',
      'landscape',
      'building',
      'vehicle',
      'sport',
      'musical-instrument',
      'weapon',
      'clothing',
      'household',
      'electronics',
      'tool',
      'text',
    ];
    for (const word of asked)
      assert.ok(
        categories.some(({ key }) => key.startsWith(word)),
        word,
      );
  });

  const holds: readonly [key: string, index: number][] = [
    ['dog', 207],
    ['pet', 207],
    ['cat', 281],
    ['pet', 1],
    ['bird', 22],
    ['wild-animal', 291],
    ['insect-and-spider', 323],
    ['sea-life', 148],
    ['plant-and-fungus', 985],
    ['plant-and-fungus', 992],
    ['food-and-drink', 963],
    ['food-and-drink', 967],
    ['landscape', 980],
    ['building', 497],
    ['vehicle', 817],
    ['boat', 914],
    ['aircraft', 404],
    ['sport', 805],
    ['musical-instrument', 579],
    ['weapon', 763],
    ['weapon', 764],
    ['weapon', 413],
    ['clothing', 841],
    ['electronics-and-optics', 620],
    ['tool-and-machine', 587],
    ['text-and-screen', 921],
  ];
  test('hold what everyone would expect in them', () => {
    for (const [key, index] of holds)
      assert.ok(setOf(categories, key).members.includes(index), `${classes[index]?.[1]} in ${key}`);
  });

  test('do not hold what nobody would expect', () => {
    const wrong: readonly [key: string, index: number][] = [
      ['cat', 293],
      ['dog', 269],
      ['pet', 291],
      ['bird', 517],
      ['weapon', 587],
      ['insect-and-spider', 22],
      ['food-and-drink', 281],
    ];
    for (const [key, index] of wrong)
      assert.ok(!setOf(categories, key).members.includes(index), `${classes[index]?.[1]} not in ${key}`);
  });
});

describe('the groups', () => {
  test('are some 150 everyday words, each for two classes or more', () => {
    assert.ok(groups.length >= 130 && groups.length <= 200, `${groups.length}`);
    for (const { key, members } of groups) assert.ok(members.length >= 2, key);
  });

  test('are never broader than "animal", and none mixes animals with other things in the large', () => {
    const most = Math.max(...groups.map(({ members }) => members.length));
    assert.equal(setOf(groups, 'animal').members.length, most);
    assert.deepEqual(setOf(groups, 'animal').members, range(0, LAST_ANIMAL));
  });

  test('of made things have at most 80 classes', () => {
    for (const { key, members } of groups) {
      const made = members.filter((index) => index > LAST_ANIMAL);
      assert.ok(made.length <= 80, `${key} has ${made.length}`);
    }
  });

  test('never say the same thing twice: no two have the same classes', () => {
    assert.deepEqual(repeated(groups.map(({ members }) => members.join(' '))), []);
  });

  const exact: Readonly<Record<string, readonly number[]>> = {
    snake: range(52, 68),
    dog: range(151, 268),
    cat: range(281, 285),
    turtle: range(33, 37),
    spider: range(72, 77),
    butterfly: range(321, 326),
    frog: range(30, 32),
    bear: [294, 295, 296, 297, 388],
    parrot: range(87, 90),
    ape: range(365, 369),
    monkey: range(370, 382),
    elephant: [101, 385, 386],
    bird: [...range(7, 24), ...range(80, 100), ...range(127, 146)],
    guitar: [402, 546],
    flower: [984, 985, 986],
  };
  for (const [key, members] of Object.entries(exact)) {
    test(`${key} is exactly its ${members.length} classes`, () => {
      assert.deepEqual(setOf(groups, key).members, members);
    });
  }

  test('put right what the hypernyms of WordNet miss: cars are vehicles, cats are mammals', () => {
    const vehicle = setOf(groups, 'vehicle').members;
    for (const index of [436, 468, 511, 609, 627, 656, 661, 751, 817])
      assert.ok(vehicle.includes(index), classes[index]?.[1]);
    const mammal = setOf(groups, 'mammal').members;
    for (const index of [...range(151, 268), ...range(281, 293), 147, 386])
      assert.ok(mammal.includes(index), classes[index]?.[1]);
  });

  test('have all that WordNet has under the same word', { skip: withoutShared() }, async () => {
    const reference = JSON.parse(await readFile(path.join(shared, 'labels/imagenet1k.json'), 'utf8')) as WordNetClass[];
    const under = (word: string) =>
      reference.filter(({ hypernyms }) => hypernyms.includes(word)).map(({ index }) => index);
    for (const [key, word] of [
      ['snake', 'snake'],
      ['bird', 'bird'],
      ['spider', 'spider'],
      ['turtle', 'turtle'],
      ['butterfly', 'butterfly'],
      ['primate', 'primate'],
    ] as const) {
      const { members } = setOf(groups, key);
      assert.deepEqual(
        under(word).filter((index) => !members.includes(index)),
        [],
        key,
      );
    }
  });
});
