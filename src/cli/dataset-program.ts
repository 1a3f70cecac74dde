/** What `kaiyan dataset` understands. Its work is in `commands/`, loaded only when it runs. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { SettingKey } from '../config.js';
import { type CommandOptions, configurationOf, dedicated, examples, fraction, withSettings } from './options.js';

const SOURCE = 'a folder with a folder of pictures for each class, or a list of paths and labels (.csv, .jsonl)';

const ABOUT_CHECKING = `
It looks for files that are no pictures, for pictures that are there more than once, for classes with few pictures or none, for
labels that are probably wrong, and for pictures that are unlike all others. Nothing is changed, and what is found does not keep
you from training: look at it, correct what is wrong, and check again.`;

const ABOUT_SPLITTING = `
Of each class the same share goes to each part. Copies of a picture, also resized or compressed again, stay in one part, so that
a model is not asked what it has seen; a class with one picture stays in training. The originals are neither moved nor changed.`;

/** `settings` are those about pictures. */
export function addDatasetCommands(program: Command, settings: readonly SettingKey[]): void {
  const dataset = program
    .command('dataset')
    .description('look over pictures of your own classes, and part them')
    .addHelpText('after', examples('dataset check flowers', 'dataset split flowers --output flowers-split'));

  withSettings(dataset.command('check'), ['model', 'home', ...settings])
    .description('find what is odd about pictures and their labels, before you train with them')
    .argument('<source>', SOURCE)
    .option('--seed <number>', 'for what is drawn by chance', wholeNumber, 0)
    .option('--all', 'list every picture of a finding, instead of the first 20')
    .option('--json', 'as one JSON object')
    .addHelpText('after', examples('dataset check flowers', 'dataset check flowers.csv --model resnet18 --json'))
    .addHelpText('after', ABOUT_CHECKING)
    .action(async (source: string, options: CommandOptions, command) => {
      const { checkDataset } = await dedicated(import('./commands/dataset-check.js'));
      await checkDataset(source, configurationOf(command), {
        seed: Number(options.seed),
        all: options.all === true,
        json: options.json === true,
      });
    });

  withSettings(dataset.command('split'), settings)
    .description('part pictures into training, validation and test, each class alike')
    .argument('<source>', SOURCE)
    .requiredOption('-o, --output <folder>', 'a new folder, for train.jsonl, validation.jsonl and test.jsonl')
    .addOption(
      new Option('--validation <share>', 'of the pictures, to choose by').argParser(fraction(0, 0.9)).default(0.2),
    )
    .addOption(new Option('--test <share>', 'of the pictures, to judge by').argParser(fraction(0, 0.9)).default(0))
    .option('--seed <number>', 'for what is drawn by chance', wholeNumber, 0)
    .addOption(
      new Option('--copy', 'instead of lists, copy the pictures to PART/LABEL/ in that folder').conflicts('link'),
    )
    .option('--link', 'or link them there, which takes no room')
    .option('--json', 'as one JSON object')
    .addHelpText(
      'after',
      examples(
        'dataset split flowers --output flowers-split',
        'dataset split flowers --output flowers-split --validation 0.15 --test 0.15 --copy',
      ),
    )
    .addHelpText('after', ABOUT_SPLITTING)
    .action(async (source: string, options: CommandOptions, command) => {
      const { splitDataset } = await dedicated(import('./commands/dataset-split.js'));
      const [validation, test] = [Number(options.validation), Number(options.test)];
      if (validation + test >= 1)
        command.error('error: expected --validation and --test to leave something to train with');
      await splitDataset(source, configurationOf(command), {
        ...{ validation, test, seed: Number(options.seed) },
        output: String(options.output),
        form: options.copy === true ? 'copy' : options.link === true ? 'link' : 'list',
        json: options.json === true,
      });
    });
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number.');
}
