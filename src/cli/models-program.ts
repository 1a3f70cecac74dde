/** What `kaiyan models` understands. Each command's work is in `commands/`, loaded only when it runs. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { DescriptionFlags } from './commands/install-model.js';
import { type CommandOptions, configurationOf, dedicated, examples, fraction, withSettings } from './options.js';

export function addModelCommands(program: Command): void {
  const models = program
    .command('models')
    .description('list, show, pull, import, quantize, choose, verify, export and remove models')
    .addHelpText('after', examples('models list', 'models pull resnet18', 'models use resnet18'));

  withSettings(models.command('list'), ['home'])
    .description('all models, in all their versions')
    .option('--available', 'instead those of the catalogue, which "models pull" takes')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('models list', 'models list --available'))
    .action(async ({ available, json }: CommandOptions, command) => {
      if (available === true) {
        const { listCatalogue } = await import('./commands/models-pull.js');
        return listCatalogue(configurationOf(command), json === true);
      }
      const { listModels } = await import('./commands/models.js');
      await listModels(configurationOf(command), json === true);
    });

  withSettings(models.command('pull'), ['home'])
    .description('download a model of the catalogue from its official address, and install it')
    .argument('<name>', 'the model, as resnet50 for its newest version or resnet50@1 for that one')
    .option('--from <source>', 'a file, a folder or an address to take it from instead; it has to have the same hash')
    .option('--force', 'also if it is installed already')
    .addHelpText(
      'after',
      examples('models pull resnet50', 'models pull resnet50@1 --from /media/stick', 'models list --available'),
    )
    .action(async (name: string, { from, force }: CommandOptions, command) => {
      const { pullModel } = await import('./commands/models-pull.js');
      await pullModel(name, configurationOf(command), { from: from as string | undefined, force: force === true });
    });

  withSettings(models.command('info'), ['home'])
    .description("a model's manifest")
    .argument('<name>', 'the model, such as resnet18 or resnet18@2')
    .option('--json', 'as JSON')
    .action(async (name: string, options: CommandOptions, command) => {
      const { showModel } = await import('./commands/models.js');
      await showModel(name, configurationOf(command), options.json === true);
    });

  withSettings(models.command('verify'), ['home'])
    .description('compare model files with their hashes')
    .argument('[name]', 'the model; all if not given')
    .option('--json', 'as JSON')
    .action(async (name: string | undefined, options: CommandOptions, command) => {
      const { verifyModels } = await import('./commands/models.js');
      await verifyModels(name, configurationOf(command), options.json === true);
    });

  describing(withSettings(models.command('import'), ['home']))
    .description("install a model from its weights: PyTorch's .pth or .pt, or .safetensors")
    .argument('<file>', 'the weights of a ResNet, MobileNet, EfficientNet or SqueezeNet')
    .addHelpText(
      'after',
      examples(
        'models import resnet18-f37072fd.pth',
        'models import mine.pth --name flowers --labels flowers.txt',
        'models import resnet50.safetensors --name resnet50@mine --spec preprocessing.json',
      ),
    )
    .action(async (file: string, options: CommandOptions, command) => {
      const { importModel } = await import('./commands/install-model.js');
      await importModel(file, configurationOf(command), descriptionFlags(options));
    });

  describing(withSettings(models.command('add'), ['home']))
    .description('install an ONNX classifier as it is')
    .argument('<file>', 'the ONNX file')
    .addHelpText(
      'after',
      examples('models add mine.onnx --like resnet18 --labels mine.txt', 'models add mine.onnx --spec mine.json'),
    )
    .action(async (file: string, options: CommandOptions, command) => {
      const { addModel } = await import('./commands/install-model.js');
      await addModel(file, configurationOf(command), descriptionFlags(options));
    });

  withSettings(models.command('quantize'), ['home', 'maxBytes', 'maxPixels'])
    .description('add INT8 to a model: smaller and faster, if it answers as FP32 does')
    .argument('<name>', 'the model, such as resnet18 or resnet18@2')
    .requiredOption('--calibration <folder>', 'pictures like those that it will see, a hundred or more')
    .option('--samples <number>', 'pictures to calibrate with; the others tell how well it agrees', wholeNumber, 128)
    .option(
      '--percentile <number>',
      'share of the values to keep, in percent; 100 keeps all',
      fraction(50, 100),
      99.999,
    )
    .addOption(
      new Option('--weights <bits>', 'bits of the weights; 7 for x86 CPUs without VNNI')
        .choices(['8', '7'])
        .default('8'),
    )
    .option(
      '--min-agreement <share>',
      'least share of pictures that FP32 and INT8 agree on, 0 to 1',
      fraction(0, 1),
      0.95,
    )
    .option('--json', 'the report as JSON')
    .addHelpText(
      'after',
      examples(
        'models quantize resnet18 --calibration photos',
        'models quantize resnet18 --calibration photos --weights 7',
      ),
    )
    .action(async (name: string, options: CommandOptions, command) => {
      const { quantize } = await dedicated(import('./commands/quantize.js'));
      await quantize(name, configurationOf(command), {
        calibration: String(options.calibration),
        samples: Number(options.samples),
        percentile: Number(options.percentile),
        weights: options.weights === '7' ? 7 : 8,
        minAgreement: Number(options.minAgreement),
        json: options.json === true,
      });
    });

  withSettings(models.command('export'), ['home'])
    .description('write a model into a folder, with programs that run it elsewhere with the same answers')
    .argument('<name>', 'the model, such as resnet18 or resnet18@2')
    .option('--output <folder>', 'a new or an empty folder (default: ./NAME-VERSION)')
    .addOption(new Option('--precision <precision>', 'that one alone').choices(['fp32', 'int8']))
    .addHelpText(
      'after',
      examples('models export resnet18', 'models export efficientnet-lite0 --output lite0 --precision fp32'),
    )
    .action(async (name: string, { output, precision }: CommandOptions, command) => {
      const { exportTo } = await import('./commands/export-model.js');
      await exportTo(name, configurationOf(command), {
        output: typeof output === 'string' ? output : undefined,
        precision: precision === 'fp32' || precision === 'int8' ? precision : undefined,
      });
    });

  withSettings(models.command('use'), ['precision', 'adminToken', 'apiKey', 'home'])
    .description('choose the model that answers, here and in services of this data directory that run')
    .argument('<name>', 'the model, such as resnet18 or resnet18@2')
    .option('--url <address>', 'in the service at this address instead, until it ends')
    .addHelpText(
      'after',
      examples(
        'models use efficientnet-lite2',
        'models use resnet18@2 --precision fp32',
        'models use resnet18 --url http://127.0.0.1:5000',
      ),
    )
    .action(async (name: string, { url }: CommandOptions, command) => {
      const configuration = configurationOf(command);
      if (typeof url === 'string') {
        const { useModelElsewhere } = await import('./commands/use-model-elsewhere.js');
        await useModelElsewhere(name, url, configuration);
      } else {
        const { useModel } = await import('./commands/use-model.js');
        await useModel(name, configuration);
      }
    });

  withSettings(models.command('remove'), ['home'])
    .description('delete a model from the data directory')
    .argument('<name>', 'the model; where there are several versions of it, with one: resnet18@2')
    .option('-y, --yes', 'without asking')
    .addHelpText('after', examples('models remove resnet18', 'models remove resnet18@2 --yes'))
    .action(async (name: string, options: CommandOptions, command) => {
      const { removeModel } = await import('./commands/remove-model.js');
      await removeModel(name, configurationOf(command), options.yes === true);
    });
}

/** How a model is described that does not describe itself. */
const describing = (command: Command): Command =>
  command
    .option('--name <name>', 'what it is called from now on: NAME or NAME@VERSION')
    .option('--labels <file>', "names of its classes: a line each (English, tab, Chinese) or JSON; 1000 are ImageNet's")
    .option('--like <model>', 'preprocesses pictures as this model or architecture does')
    .option('--spec <file>', 'JSON with "input", "output", "labels", "license" or "temperature", as in a manifest')
    .option('--replace', 'takes the place of the same version', false);

function descriptionFlags({ name, labels, like, spec, replace }: CommandOptions): DescriptionFlags {
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return { name: text(name), labels: text(labels), like: text(like), spec: text(spec), replace: replace === true };
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number of at least 1.');
}
