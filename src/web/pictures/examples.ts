/** Pictures to begin with, for those who have none at hand. */
import alps from '../../../examples/pictures/alps.jpg';
import smallAlps from '../../../examples/pictures/alps.jpg?small';
import cat from '../../../examples/pictures/chelsea.png';
import smallCat from '../../../examples/pictures/chelsea.png?small';
import coffee from '../../../examples/pictures/coffee.png';
import smallCoffee from '../../../examples/pictures/coffee.png?small';
import crab from '../../../examples/pictures/crab.jpg';
import smallCrab from '../../../examples/pictures/crab.jpg?small';
import panda from '../../../examples/pictures/red-panda.jpg';
import smallPanda from '../../../examples/pictures/red-panda.jpg?small';
import rocket from '../../../examples/pictures/rocket.jpg';
import smallRocket from '../../../examples/pictures/rocket.jpg?small';
import { CallError } from '../api/call.ts';
import { messages } from '../i18n/i18n.ts';

export const exampleMessages = messages(
  'examples',
  {
    examples: 'Example pictures',
    cat: 'A cat',
    coffee: 'A cup of coffee',
    alps: 'Mountains',
    panda: 'A red panda',
    crab: 'A crab',
    rocket: 'A rocket',
  },
  {
    examples: '示例图片',
    cat: '一只猫',
    coffee: '一杯咖啡',
    alps: '群山',
    panda: '一只小熊猫',
    crab: '一只螃蟹',
    rocket: '一枚火箭',
  },
);

export interface Example {
  /** What it shows, as a key of `exampleMessages`. */
  readonly name: 'cat' | 'coffee' | 'alps' | 'panda' | 'crab' | 'rocket';
  readonly url: string;
  /** Address of a small copy, 480 pixels on its longer side. */
  readonly small: string;
  readonly fileName: string;
}

export const examples: readonly [Example, ...Example[]] = [
  { name: 'cat', url: cat, small: smallCat, fileName: 'chelsea.png' },
  { name: 'coffee', url: coffee, small: smallCoffee, fileName: 'coffee.png' },
  { name: 'alps', url: alps, small: smallAlps, fileName: 'alps.jpg' },
  { name: 'panda', url: panda, small: smallPanda, fileName: 'red-panda.jpg' },
  { name: 'crab', url: crab, small: smallCrab, fileName: 'crab.jpg' },
  { name: 'rocket', url: rocket, small: smallRocket, fileName: 'rocket.jpg' },
];

/** The picture itself, as if it had been chosen. @throws CallError */
export async function exampleFile({ url, fileName }: Example): Promise<File> {
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(response.statusText);
    const bytes = await response.blob();
    return new File([bytes], fileName, { type: bytes.type });
  } catch {
    throw new CallError({ kind: 'silent' });
  }
}
