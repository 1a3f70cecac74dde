/** The flags of `npm run bench`. */
import { parseArgs } from 'node:util';

export interface Options {
  readonly quick: boolean;
  readonly clients: readonly number[];
  /** Undefined for the default folder. */
  readonly images: string | undefined;
  readonly seconds: number;
  readonly rounds: number;
  readonly baseline: boolean;
  readonly weights: string | undefined;
  readonly baselineThreads: string | undefined;
  readonly json: boolean;
}

export const HELP = `Usage: npm run bench -- [options]

pictures a second and latency of the HTTP service under load, against a Flask + TorchScript ResNet-18 service

Options:
  --quick               a rough measurement in under 40 seconds
  --clients N,…         clients at once (default: 1,4,16,64; with --quick 4,16)
  --images DIR          folder of JPEG, PNG or WebP pictures, of which at most 24 are taken, 6 with --quick
                        (default: the photographs of ../shared, or examples/pictures)
  --seconds N           length of each measurement (default: 5; with --quick 1)
  --rounds N            measurements of each server with each number of clients (default: 2; with --quick 1)
  --no-baseline         measure Kaiyan alone
  --weights FILE        ResNet-18 weights of the baseline (.pth); random by default, which is as fast
  --baseline-threads N  PyTorch's threads in the baseline, instead of its default
  --json                one JSON object with every figure
  --help                this text

Examples:
  npm run bench
  npm run bench -- --quick
  npm run bench -- --clients 16 --seconds 10 --images photos
  npm run --silent bench -- --no-baseline --json > figures.json

The exit status is 1 if requests failed or something could not run, never because something was slow.
`;

const flag = { type: 'boolean' } as const;
const text = { type: 'string' } as const;

/** @returns undefined if only help is wanted. @throws Error with what was wrong */
export function parseOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ quick: flag, 'no-baseline': flag, json: flag, help: flag },
      ...{ clients: text, images: text, seconds: text, rounds: text, weights: text, 'baseline-threads': text },
    },
  });
  if (values.help) return undefined;
  const quick = values.quick ?? false;
  const threads = values['baseline-threads'];
  return {
    quick,
    clients: (values.clients ?? (quick ? '4,16' : '1,4,16,64'))
      .split(',')
      .map((clients) => count('--clients', clients)),
    images: values.images,
    seconds: positive('--seconds', values.seconds ?? (quick ? '1' : '5')),
    rounds: count('--rounds', values.rounds ?? (quick ? '1' : '2')),
    baseline: !values['no-baseline'],
    weights: values.weights,
    baselineThreads: threads === undefined ? undefined : String(count('--baseline-threads', threads)),
    json: values.json ?? false,
  };
}

function positive(name: string, value: string): number {
  const number = Number(value);
  if (Number.isFinite(number) && number > 0) return number;
  throw new Error(`Expected a positive number for ${name}, but got "${value}".`);
}

function count(name: string, value: string): number {
  const number = positive(name, value);
  if (Number.isInteger(number)) return number;
  throw new Error(`Expected whole numbers for ${name}, but got "${value}".`);
}
