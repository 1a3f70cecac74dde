/** How `kaiyan train` is called. Its work is in `commands/train.ts`, loaded only when it runs. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { SettingKey } from '../config.js';
import { MOST_VIEWS, TRAINING_DEFAULTS } from '../training/training.js';
import { type CommandOptions, configurationOf, dedicated, examples, fraction, withSettings } from './options.js';

const ABOUT_TRAINING = `
Each folder in DATA is a class, and its name is the label; or DATA is a list (.csv or .jsonl) with a path and a label on each
line. Pictures that cannot be read are reported and left out; the model is made of the others, and the exit status is then 1.
Ctrl-C keeps the best so far, once the last layer is fitted; what was seen by then is kept too, and --resume goes on.`;

/** `settings` are those about pictures. */
export function addTrainingCommands(program: Command, settings: readonly SettingKey[]): void {
  withSettings(program.command('train'), settings)
    .description('teach a model classes of your own')
    .option('--data-path <data>', 'a folder with a folder of pictures for each class, or a list (.csv, .jsonl)')
    .option('--from-corrections', 'instead improve the model that answers by what people have corrected')
    .option('--promote', 'with --from-corrections: let the new model answer from now on')
    .option('--model <name>', 'the model to begin with; it has to have FP32', TRAINING_DEFAULTS.model)
    .option('--output <name>', 'what the new model is called: NAME or NAME@VERSION (default: as the data is)')
    .option('--num-classes <number>', 'how many classes there are, to be checked', wholeFrom(2))
    .option(
      '--unfreeze <number>',
      'stages of the network that are trained too, from its end; 0 for the last layer alone, which takes seconds',
      wholeFrom(0),
      TRAINING_DEFAULTS.unfreeze,
    )
    .option('--epochs <number>', 'passes through the pictures, with --unfreeze', wholeFrom(1), TRAINING_DEFAULTS.epochs)
    .option(
      '--augment <number>',
      `changed views of each picture, at most ${MOST_VIEWS}`,
      wholeFrom(0, MOST_VIEWS),
      TRAINING_DEFAULTS.augment,
    )
    .option('--seed <number>', 'for what is drawn by chance', wholeFrom(0), TRAINING_DEFAULTS.seed)
    .option(
      '--validation <share>',
      'of the pictures of each class, held out to judge the model',
      fraction(0, 0.9),
      TRAINING_DEFAULTS.validation,
    )
    .addOption(
      new Option('--int8 <when>', 'an INT8 file: auto where it is faster and agrees')
        .choices(['auto', 'always', 'never'])
        .default(TRAINING_DEFAULTS.int8),
    )
    .option('--labels <file>', 'Chinese names of the classes: a line each (label, tab, Chinese) or JSON')
    .option('--resume', 'go on with what an earlier run of the same data and options has left, or begin')
    .option('--json', 'the result as JSON')
    .addHelpText(
      'after',
      examples(
        'train --data-path flowers',
        'train --model resnet18 --num-classes 10 --data-path ./mydata --output mine',
        'train --data-path flowers --unfreeze 1 --epochs 20 --resume',
        'train --from-corrections',
      ),
    )
    .addHelpText('after', ABOUT_TRAINING)
    .action(async (options: CommandOptions, command) => {
      const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
      requireSense(options, command);
      if (options.fromCorrections === true) return improveModel(options, command);
      const { trainModel } = await dedicated(import('./commands/train.js'));
      await trainModel(configurationOf(command), {
        dataPath: String(options.dataPath),
        labels: text(options.labels),
        output: text(options.output),
        json: options.json === true,
        options: {
          model: String(options.model),
          numClasses: options.numClasses as number | undefined,
          unfreeze: Number(options.unfreeze),
          epochs: Number(options.epochs),
          augment: Number(options.augment),
          seed: Number(options.seed),
          validation: Number(options.validation),
          int8: options.int8 === 'always' || options.int8 === 'never' ? options.int8 : 'auto',
          resume: options.resume === true,
        },
      });
    });
}

/** Ends it where options do not go together, or would be passed over in silence. */
function requireSense({ fromCorrections = false, dataPath, promote, unfreeze }: CommandOptions, command: Command) {
  const isGiven = (name: string) => command.getOptionValueSource(name) === 'cli';
  if (fromCorrections === (dataPath !== undefined))
    command.error('error: expected --data-path with a data set, or --from-corrections, but not both');
  if (promote === true && !fromCorrections) command.error('error: --promote needs --from-corrections');
  const other = ['unfreeze', 'epochs', 'validation', 'numClasses', 'labels', 'resume'].find(isGiven);
  if (fromCorrections && other) command.error(`error: --${dashed(other)} does not go with --from-corrections`);
  if (unfreeze === 0 && isGiven('epochs'))
    command.error('error: --epochs needs --unfreeze: the last layer alone is fitted without epochs');
}

/** The model is the one that answers, unless another one is named. */
async function improveModel({ model, output, augment, seed, int8, ...flags }: CommandOptions, command: Command) {
  const named = command.getOptionValueSource('model') === 'default' ? undefined : String(model);
  command.setOptionValue('model', undefined);
  const { trainFromCorrections } = await dedicated(import('./commands/train-from-corrections.js'));
  await trainFromCorrections(configurationOf(command), {
    json: flags.json === true,
    promote: flags.promote === true,
    options: {
      model: named,
      output: typeof output === 'string' ? output : undefined,
      augment: Number(augment),
      seed: Number(seed),
      int8: int8 === 'always' || int8 === 'never' ? int8 : 'auto',
    },
  });
}

const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const wholeFrom =
  (least: number, most = Number.POSITIVE_INFINITY) =>
  (text: string): number => {
    if (/^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text);
    const limits = Number.isFinite(most) ? `from ${least} to ${most}` : `of at least ${least}`;
    throw new InvalidArgumentError(`Expected a whole number ${limits}.`);
  };
