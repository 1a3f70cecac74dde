/** What `kaiyan models` understands. Each command's work is in `commands/`, loaded only when it runs. */
import type { Command } from 'commander';
import { type CommandOptions, configurationOf, examples, withSettings } from './options.js';

export function addModelCommands(program: Command): void {
  const models = program.command('models').description('list, show, choose, verify and remove models');

  withSettings(models.command('list'), ['home'])
    .description('all models, in all their versions')
    .option('--json', 'as JSON')
    .action(async (options: CommandOptions, command) => {
      const { listModels } = await import('./commands/models.js');
      await listModels(configurationOf(command), options.json === true);
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

  withSettings(models.command('use'), ['precision', 'adminToken', 'home'])
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
