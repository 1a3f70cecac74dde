/** What the definitions of commands share: settings as flags, and the configuration that they make. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Configuration, flagOf, fromText, loadConfiguration, type SettingKey, settingsTable } from '../config.js';
import { visible } from './output.js';

export type CommandOptions = Readonly<Record<string, unknown>>;

/** Settings as flags: `maxPixels` is `--max-pixels <value>`. */
export function withSettings(command: Command, keys: readonly SettingKey[]): Command {
  for (const key of keys) {
    const { about, fallback } = settingsTable[key];
    const words = `${about} (default: ${JSON.stringify(fallback)})`;
    if (typeof fallback === 'boolean') addSwitch(command, key, words, fallback);
    else command.addOption(new Option(`${flagOf(key)} <value>`, words).argParser((text) => fromText(key, text)));
  }
  return command;
}

/** The other word for what is so anyway is understood too; with both of them neither counts as given. */
function addSwitch(command: Command, key: SettingKey, words: string, fallback: boolean): void {
  const [on, off] = [flagOf(key), flagOf(key).replace(/^--/, '--no-')];
  command.addOption(fallback ? new Option(on).hideHelp() : new Option(on, words));
  command.addOption(fallback ? new Option(off, words) : new Option(off).hideHelp());
}

/** Warnings go to stderr here, once for every command. */
export function configurationOf(command: Command): Configuration {
  const { config, ...flags } = command.optsWithGlobals() as CommandOptions;
  const configuration = loadConfiguration({ flags, file: config as string | undefined });
  for (const warning of configuration.warnings) process.stderr.write(`kaiyan: ${visible(warning)}\n`);
  return configuration;
}

/** A number within limits, as an option's value. */
export const fraction =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() !== '' && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected a number from ${least} to ${most}.`);
  };

export const examples = (...lines: string[]) => `\nExamples:\n${lines.map((line) => `  kaiyan ${line}`).join('\n')}`;

/** A command that decodes pictures has its process for that alone. */
export async function dedicated<Module>(command: Promise<Module>): Promise<Module> {
  const { dedicateProcess } = await import('../image/dedicate.js');
  dedicateProcess();
  return command;
}
