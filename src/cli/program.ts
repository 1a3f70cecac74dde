/** What the command line understands. Each command's work is in `commands/`, loaded only when it runs. */
import { Command, Option } from 'commander';
import { placements } from '../album/picture-record.js';
import type { SettingKey } from '../config.js';
import { version } from '../version.js';
import { addDatasetCommands } from './dataset-program.js';
import { addJobCommands, JOB_SERVICE, JOB_WORK } from './jobs-program.js';
import { addModelCommands } from './models-program.js';
import { type CommandOptions, configurationOf, dedicated, examples, fraction, withSettings } from './options.js';
import { visible } from './output.js';
import { addPromotionCommands } from './promotions-program.js';
import { addTrainingCommands } from './training-program.js';

const MODEL: readonly SettingKey[] = ['model', 'precision', 'home'];
const CREW: readonly SettingKey[] = ['workers', 'threads'];
const ANSWER: readonly SettingKey[] = ['top', 'threshold', 'lang'];
const PICTURES: readonly SettingKey[] = [
  'maxBytes',
  'maxPixels',
  'maxPixelsInFlight',
  'decodeTimeoutSeconds',
  'iccProfiles',
  'shrinkOnLoad',
];
/** Where a picture is drawn from the same pixels that are answered, none is reduced while it is decoded. */
const WHOLE_PICTURES = PICTURES.filter((key) => key !== 'shrinkOnLoad');
const QUEUE: readonly SettingKey[] = ['queueRequests', 'queueBytes', 'deadlineMs'];
const SERVICE: readonly SettingKey[] = [
  'host',
  'port',
  'https',
  'tlsCert',
  'tlsKey',
  'uploadTimeoutSeconds',
  'maxRequestBytes',
  'maxConnections',
  'loadedModels',
  'modelMemory',
  'drainSeconds',
  'shutdownSeconds',
  'apiKey',
  'adminToken',
  'allowedHosts',
  'corsOrigins',
  'rateLimit',
  'trustedProxies',
  'correctionBytes',
  'logLevel',
  'logFormat',
];

const ABOUT_OUTPUT = `
Each path has one line in the file of --output, also a picture that cannot be read. --resume drops what was written half,
and leaves out every path that has a line, those with an error too: delete such a line to have its picture tried again.
In a CSV file a text that a spreadsheet would take for a formula has an apostrophe in front.`;

const ABOUT_EXPLAINING = `
Exact for networks that end in a mean over the picture and one linear layer, as most do: then the numbers of the grid are parts
of the logit. Of others 49 parts are covered one after the other, which takes as many runs, and shows how much less
probable the class is without each.`;

const ABOUT_EVALUATING = `
A picture shows the class that the nearest folder is called after: a label of your own, a WordNet id (ImageNet's layout), or an
English or Chinese name. Pictures of other classes are listed and left out. Pictures that cannot be read are left out too, and
the exit status is then 1. Ctrl-C ends it without a result. scripts/check-evaluation.py compares all figures with scikit-learn's.`;

const ABOUT_WATCHING = `
A picture is answered once it has not changed for a second; one that cannot be decoded has ten. A picture that changes is
answered again. Names that begin with a dot are left alone: many programs write under such a name first.`;

/** A worker answers only whether it runs, and with its numbers. */
const WORKER: readonly SettingKey[] = [
  ...(['host', 'port', 'loadedModels', 'modelMemory', 'shutdownSeconds', 'apiKey', 'allowedHosts'] as const),
  ...(['logLevel', 'logFormat'] as const),
];

export function createProgram(): Command {
  const program = new Command('kaiyan')
    .description('Classifies pictures on your own machine: no network, no GPU.')
    .version(`kaiyan ${version}`, '--version', 'print the version')
    .option('--config <file>', 'settings file, instead of ./kaiyan.config.json')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: (lines, write) => write(lines.split('\n').map(visible).join('\n')) })
    .showHelpAfterError('(see --help)')
    .exitOverride();

  withSettings(program.command('classify'), [...ANSWER, ...MODEL, ...CREW, ...PICTURES])
    .description('say what pictures show')
    .argument('<input...>', 'picture files, folders, or - for one picture on standard input')
    .option('-r, --recursive', 'also take the folders inside a folder')
    .option('--json', 'one JSON object a line')
    .option('--output <file>', 'write the answers to a new file: FILE.jsonl, or FILE.csv for a spreadsheet')
    .option('--resume', 'go on with the file of --output after an interruption, or begin it')
    .addHelpText(
      'after',
      examples(
        'classify cat.jpg',
        'classify photos --recursive --json > answers.jsonl',
        'classify photos --recursive --output answers.csv --resume',
        'classify --lang zh --top 5 - < cat.jpg',
      ),
    )
    .addHelpText('after', ABOUT_OUTPUT)
    .action(async (inputs: string[], options: CommandOptions, command) => {
      const { classify } = await dedicated(import('./commands/classify.js'));
      await classify(inputs, configurationOf(command), {
        recursive: options.recursive === true,
        json: options.json === true,
        output: options.output as string | undefined,
        resume: options.resume === true,
      });
    });

  withSettings(program.command('explain'), ['top', 'lang', ...MODEL, ...WHOLE_PICTURES])
    .description('show where in a picture the answer came from')
    .argument('<picture>', 'a picture file, or - for one on standard input')
    .option('-o, --output <file>', 'draw it over the picture: a new file, FILE.png')
    .option('--class <class>', 'the class to explain: its index or its name; the best one if not given')
    .addOption(
      new Option('--opacity <share>', 'of the heat in the drawing, 0 to 1').argParser(fraction(0, 1)).default(0.55),
    )
    .option('--json', 'the numbers, as one JSON object')
    .addHelpText(
      'after',
      examples(
        'explain cat.jpg',
        'explain cat.jpg --output heat.png --class "Egyptian cat"',
        'explain dog.jpg --class 263 --json',
        'explain - < cat.jpg',
      ),
    )
    .addHelpText('after', ABOUT_EXPLAINING)
    .action(async (picture: string, options: CommandOptions, command) => {
      const { explainPicture } = await dedicated(import('./commands/explain.js'));
      await explainPicture(picture, configurationOf(command), {
        output: options.output as string | undefined,
        class: options.class as string | undefined,
        opacity: options.opacity as number,
        json: options.json === true,
      });
    });

  withSettings(program.command('watch'), [...ANSWER, ...MODEL, ...CREW, ...PICTURES])
    .description('answer pictures as they come into a folder, until Ctrl-C')
    .argument('<folder>', 'the folder')
    .option('-r, --recursive', 'also watch the folders inside')
    .option('--existing', 'first answer the pictures that are there, but for those that the file of --output has')
    .option('--json', 'one JSON object a line')
    .option('--output <file>', 'write the answers to FILE.jsonl or FILE.csv; one that exists is continued')
    .addHelpText(
      'after',
      examples('watch uploads', 'watch uploads --recursive --json', 'watch camera --existing --output answers.csv'),
    )
    .addHelpText('after', ABOUT_WATCHING)
    .action(async (folder: string, options: CommandOptions, command) => {
      const { watch } = await dedicated(import('./commands/watch.js'));
      await watch(folder, configurationOf(command), {
        recursive: options.recursive === true,
        json: options.json === true,
        existing: options.existing === true,
        output: options.output as string | undefined,
      });
    });

  const album = program
    .command('album')
    .description('sort a folder of photographs, write keywords beside them, and make a gallery')
    .argument(
      '[folder]',
      'the photographs, also those in folders inside it; hidden files and symbolic links are left out',
    )
    .option('--into <folder>', 'where the album is; without it the gallery lies among the photographs')
    .addOption(new Option('--copy', 'copy each picture into a folder for what it shows').conflicts(['link', 'move']))
    .addOption(
      new Option('--link', 'link it there: no room is taken (symbolic where hard links cannot be)').conflicts([
        'copy',
        'move',
      ]),
    )
    .addOption(new Option('--move', 'move it there').conflicts(['copy', 'link']))
    .addOption(new Option('--by <what>', 'what the folders are for').choices(['category', 'label']).default('category'))
    .option('--keywords', 'write categories and label into NAME.EXT.xmp beside each picture, for photo programs')
    .option('--no-gallery', 'make no index.html with thumbnails')
    .option('--no-recursive', 'leave the folders inside out')
    .option('--dry-run', 'only say what would be done')
    .option('--undo <file>', 'take back what an undo file says, or all that was done for an album (its folder)')
    .option('--json', 'one JSON object a line');
  // What is particular to it comes first.
  withSettings(album, ['lang', 'threshold', ...MODEL, ...CREW, ...WHOLE_PICTURES])
    .addHelpText(
      'after',
      `${examples(
        'album photos                                  # a gallery: photos/index.html',
        'album photos --into sorted --copy --dry-run   # what would go where',
        'album photos --into sorted --copy',
        'album photos --into 相册 --link --by label --lang zh',
        'album photos --keywords --no-gallery',
        'album --undo sorted',
      )}

No file is ever overwritten: a name that is taken gets " (2)", and what is there already is left. What the model is not sure
of goes to the folder "unsure". A second run takes only what is new.`,
    )
    .action(async (folder: string | undefined, options: CommandOptions, command) => {
      const { makeAlbum, undo } = await dedicated(import('./commands/album.js'));
      const dryRun = options.dryRun === true;
      const json = options.json === true;
      const target = options.undo as string | undefined;
      if ((folder === undefined) === (target === undefined))
        command.error('error: expected a folder of photographs, or --undo with an album or an undo file, but not both');
      if (target !== undefined) return undo(target, { dryRun, json });
      await makeAlbum(folder as string, configurationOf(command), {
        into: options.into as string | undefined,
        how: placements.find((how) => options[how] === true),
        by: options.by === 'label' ? 'label' : 'category',
        keywords: options.keywords === true,
        gallery: options.gallery === true,
        recursive: options.recursive === true,
        dryRun,
        json,
      });
    });

  withSettings(program.command('serve'), [
    ...SERVICE,
    ...JOB_SERVICE,
    ...ANSWER,
    ...MODEL,
    ...CREW,
    ...QUEUE,
    ...PICTURES,
  ])
    .description('answer pictures over HTTP, with a page to drop them on')
    .option('--open', 'open the page in the browser')
    .addHelpText(
      'after',
      examples(
        'serve --open',
        'serve --port 8080 --model efficientnet-lite2',
        'serve --host 0.0.0.0 --https   # for phones and other machines in the network',
        'serve --host 0.0.0.0 --config service.json',
        'serve --allowed-hosts pictures.example.org',
      ),
    )
    .action(async ({ open }: CommandOptions, command) => {
      const { serve } = await dedicated(import('./commands/serve.js'));
      await serve(configurationOf(command), { open: open === true });
    });

  addModelCommands(program);
  addTrainingCommands(program, ['home', 'lang', ...CREW, ...PICTURES]);
  addPromotionCommands(program);
  addDatasetCommands(program, WHOLE_PICTURES);
  addJobCommands(program, [...WORKER, ...JOB_WORK, ...ANSWER, ...MODEL, ...CREW, ...PICTURES]);

  withSettings(program.command('labels'), ['model', 'home', 'lang'])
    .description('list classes, categories and groups')
    .argument('[word]', 'only those with this word in a name, in either language')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('labels crane', 'labels 蛇', 'labels --json > labels.json'))
    .action(async (word: string | undefined, options: CommandOptions, command) => {
      const { listLabels } = await import('./commands/labels.js');
      await listLabels(word, configurationOf(command), options.json === true);
    });

  withSettings(program.command('compare'), ['top', 'lang', 'home', ...PICTURES])
    .description('the same pictures through several models: answers, agreement, time, size, accuracy')
    .argument('<folder>', 'the pictures in it and in the folders inside, labelled by the names of folders or files')
    .requiredOption('--models <names>', '2 to 8 with commas between them: NAME, NAME@VERSION, NAME:int8, NAME:fp32')
    .option('--all', 'list every picture that they disagree on, instead of the first 20')
    .option('--json', 'everything about every picture, as one JSON object')
    .addHelpText(
      'after',
      examples(
        'compare --models efficientnet-lite0,efficientnet-lite2 photos',
        'compare --models resnet18:fp32,resnet18:int8 photos --json > comparison.json',
      ),
    )
    .action(async (folder: string, options: CommandOptions, command) => {
      const { compare } = await dedicated(import('./commands/compare.js'));
      await compare(folder, configurationOf(command), {
        models: String(options.models),
        all: options.all === true,
        json: options.json === true,
      });
    });

  withSettings(
    program
      .command('evaluate')
      .description('how good a model is on pictures whose classes are known, or which of two is better')
      .argument(
        '<source>',
        'a folder with a folder for each class, or a list of paths and labels: FILE.csv, FILE.jsonl',
      )
      .addOption(
        new Option(
          '--model <name>',
          'NAME or NAME@VERSION, either with :int8 or :fp32; the setting if not given',
        ).conflicts('compare'),
      )
      .option(
        '--compare <names>',
        'two models with a comma between them: the same pictures through both, and a paired test',
      )
      .option('--report <file>', 'write everything into one page, with the worst mistakes: FILE.html, a new file')
      .option('--predictions <file>', "write each picture's answer and logits: FILE.jsonl, a new file")
      .option('--all', 'list all classes, all that is mixed up, and all that is left out')
      .option('--json', 'all figures, as one JSON object'),
    ['threshold', 'lang', 'precision', 'home', ...CREW, ...PICTURES],
  )
    .addHelpText(
      'after',
      examples(
        'evaluate photos --model flowers',
        'evaluate photos --model flowers --report report.html',
        'evaluate photos --compare flowers@2,flowers@1 --report report.html',
        'evaluate imagenet/val --model efficientnet-lite0:int8 --json > figures.json',
        'evaluate labels.csv --predictions predictions.jsonl',
      ),
    )
    .addHelpText('after', ABOUT_EVALUATING)
    .action(async (source: string, options: CommandOptions, command) => {
      const { evaluate } = await dedicated(import('./commands/evaluate.js'));
      await evaluate(source, configurationOf(command), {
        compare: options.compare as string | undefined,
        report: options.report as string | undefined,
        predictions: options.predictions as string | undefined,
        all: options.all === true,
        json: options.json === true,
      });
    });

  withSettings(program.command('bench'), MODEL)
    .description('measure this machine: each stage, each precision, pictures per second')
    .option('--images <folder>', 'pictures to measure with, instead of the examples')
    .option('--quick', 'a rough measurement in a few seconds')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('bench', 'bench --images photos --json', 'bench --model efficientnet-lite2'))
    .action(async (options: CommandOptions, command) => {
      const { bench } = await dedicated(import('./commands/bench.js'));
      const { images } = options;
      await bench(configurationOf(command), {
        json: options.json === true,
        quick: options.quick === true,
        images: images as string | undefined,
      });
    });

  withSettings(program.command('doctor'), MODEL)
    .description('check this machine and this installation, and say what to do')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('doctor', 'doctor --model flowers --json'))
    .action(async (options: CommandOptions, command) => {
      const { doctor } = await dedicated(import('./commands/doctor.js'));
      await doctor(configurationOf(command), options.json === true);
    });

  program
    .command('config')
    .description('show every setting, its value and where it comes from')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('config', 'config --json'))
    .action(async (options: CommandOptions, command) => {
      const { showConfiguration } = await import('./commands/config.js');
      showConfiguration(configurationOf(command), options.json === true);
    });

  return program;
}
