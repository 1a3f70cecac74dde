/** What `kaiyan promote`, `rollback` and `promotions` understand. */
import type { Command } from 'commander';
import type { SettingKey } from '../config.js';
import { type CommandOptions, configurationOf, examples, withSettings } from './options.js';

const SETTINGS: readonly SettingKey[] = ['home', 'adminToken', 'apiKey'];

export function addPromotionCommands(program: Command): void {
  withSettings(program.command('promote'), SETTINGS)
    .description('let a model answer from now on, on record: here and in services of this data directory that run')
    .argument('<name>', 'the model, such as flowers-corrected@2')
    .option('--url <address>', 'in the service at this address, and its data directory')
    .addHelpText(
      'after',
      examples('promote flowers-corrected@2', 'promote flowers-corrected@2 --url http://127.0.0.1:5000'),
    )
    .action(async (name: string, { url }: CommandOptions, command) => {
      const { promote, promoteElsewhere } = await import('./commands/promotions.js');
      if (typeof url === 'string') await promoteElsewhere(name, url, configurationOf(command));
      else await promote(name, configurationOf(command));
    });

  withSettings(program.command('rollback'), SETTINGS)
    .description('let the model answer again that the last change replaced')
    .option('--url <address>', 'in the service at this address, and its data directory')
    .addHelpText('after', examples('rollback', 'rollback --url http://127.0.0.1:5000'))
    .action(async ({ url }: CommandOptions, command) => {
      const { rollBack, rollBackElsewhere } = await import('./commands/promotions.js');
      if (typeof url === 'string') await rollBackElsewhere(url, configurationOf(command));
      else await rollBack(configurationOf(command));
    });

  withSettings(program.command('promotions'), ['home'])
    .description('which models took over from which, and when')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('promotions', 'promotions --json'))
    .action(async ({ json }: CommandOptions, command) => {
      const { listPromotions } = await import('./commands/promotions.js');
      await listPromotions(configurationOf(command), json === true);
    });
}
