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

  withSettings(models.command('use'), ['precision', 'home'])
    .description('choose the model that answers')
    .argument('<name>', 'the model, such as resnet18 or resnet18@2')
    .addHelpText('after', examples('models use efficientnet-lite2', 'models use resnet18@2 --precision fp32'))
    .action(async (name: string, _options: CommandOptions, command) => {
      const { useModel } = await import('./commands/use-model.js');
      await useModel(name, configurationOf(command));
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
