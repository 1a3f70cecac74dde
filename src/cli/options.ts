/** What the definitions of commands share: settings as flags, and the configuration that they make. */
import { type Command, Option } from 'commander';
import { type Configuration, flagOf, fromText, loadConfiguration, type SettingKey, settingsTable } from '../config.js';
import { visible } from './output.js';

export type CommandOptions = Readonly<Record<string, unknown>>;

/** Settings as flags: `maxPixels` is `--max-pixels <value>`. */
export function withSettings(command: Command, keys: readonly SettingKey[]): Command {
  for (const key of keys) {
    const { about, fallback } = settingsTable[key];
    const flag = typeof fallback === 'boolean' ? flagOf(key) : `${flagOf(key)} <value>`;
    const option = new Option(flag, `${about} (default: ${JSON.stringify(fallback)})`);
    command.addOption(option.argParser((text: string) => fromText(key, text)));
  }
  return command;
}

/** Warnings go to stderr here, once for every command. */
export function configurationOf(command: Command): Configuration {
  const { config, ...flags } = command.optsWithGlobals() as CommandOptions;
  const configuration = loadConfiguration({ flags, file: config as string | undefined });
  for (const warning of configuration.warnings) process.stderr.write(`kaiyan: ${visible(warning)}\n`);
  return configuration;
}

export const examples = (...lines: string[]) => `\nExamples:\n${lines.map((line) => `  kaiyan ${line}`).join('\n')}`;

/** A command that decodes pictures has its process for that alone. */
export async function dedicated<Module>(command: Promise<Module>): Promise<Module> {
  const { dedicateProcess } = await import('../image/dedicate.js');
  dedicateProcess();
  return command;
}
